import { createServer } from 'node:net'
import { startEmbeddedMongodb } from '@pingtrace/embedded-mongodb'
import { startEmbeddedRedis } from '@pingtrace/embedded-redis'
import {
  ingestTokenVariable,
  loopbackAddresses,
  type Ports,
  portVariables,
  queryTokenVariable,
} from '@pingtrace/loopback'
import { ManagedProcess } from './managed-process.ts'
import { viewerDir } from './paths.ts'

export interface StackOptions {
  ports: Ports
  /** Where the collector keeps its segments. */
  dataDir: string
  /** Run TypeScript as it is (npm run dev) instead of the builds (npm start, the tests). */
  fromSource: boolean
  /** Where the API sends its spans; to the collector beside it when left out. */
  apiOtlpEndpoint?: string | undefined
  /** Where the embedded servers listen, for tests that start them anew; anywhere free when left out. */
  backingPorts?: { redis: number; mongodb: number }
  /** Further variables for every process. */
  env?: Record<string, string>
  onLine(name: string, line: string): void
  onCrash(name: string, how: string): void
}

/** One part of the running whole; the end-to-end tests stop and start parts on purpose. */
export interface Service {
  start(): Promise<void>
  stop(): Promise<void>
}

export interface BackingService extends Service {
  url: string
  /** What names a real one: `REDIS_URL`. */
  variable: string
  embedded: boolean
}

export interface Stack {
  ports: Ports
  redis: BackingService
  mongodb: BackingService
  collector: ManagedProcess
  api: ManagedProcess
  web: ManagedProcess
  stop(): Promise<void>
}

/**
 * Starts backing services, collector, API and page, each in a process of its own, and resolves when
 * all are ready. What was started is stopped again when one of them fails.
 * @throws Error in one line that says what to do
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { ports } = options
  await refuseTakenPorts(ports)

  const { onCrash, backingPorts = { redis: 0, mongodb: 0 } } = options
  const redis = backingService(
    'Redis',
    'REDIS_URL',
    startEmbeddedRedis,
    backingPorts.redis,
    onCrash,
  )
  const mongodb = backingService(
    'MongoDB',
    'MONGODB_URL',
    startEmbeddedMongodb,
    backingPorts.mongodb,
    onCrash,
  )
  const env: Record<string, string> = {
    ...options.env,
    ...portEnvironment(ports),
    PINGTRACE_DATA_DIR: options.dataDir,
    // From source there is none: what was built last is not what is being worked on.
    ...(options.fromSource ? {} : { PINGTRACE_VIEWER_DIR: viewerDir }),
  }
  // The caller's OTEL_EXPORTER_OTLP_* are the collector's, which forwards all of a trace. Obeyed by
  // the API as well, they would take its half past the collector, away from the page's.
  // And the token of readers is the collector's alone.
  const apiEnv: Record<string, string | undefined> = {
    ...env,
    ...withoutExporter(),
    [queryTokenVariable]: undefined,
    OTEL_EXPORTER_OTLP_ENDPOINT: options.apiOtlpEndpoint,
    ...(options.apiOtlpEndpoint === undefined && ingestHeaders(options.env)),
  }
  const webEnv = { ...env, ...withoutExporter(), [queryTokenVariable]: undefined }
  const child = (name: string, source: string, built: string, itsEnv: typeof apiEnv) =>
    new ManagedProcess({
      name,
      entry: options.fromSource ? source : built,
      env: itsEnv,
      fromSource: options.fromSource,
      onLine: options.onLine,
      onCrash,
    })
  const collector = child('collector', 'collector/src/main.ts', 'collector/dist/main.js', env)
  const api = child('api', 'api/src/main.ts', 'api/dist/main.js', apiEnv)
  const web = options.fromSource
    ? child('web', 'scripts/dev-page.ts', '', webEnv)
    : child('web', '', 'web/dist-server/main.js', webEnv)

  // The page and the API go first, so that their last spans still find the collector.
  const stop = async () => {
    await Promise.all([web.stop(), api.stop()])
    await Promise.all([collector.stop(), redis.stop(), mongodb.stop()])
  }
  // All that was begun is awaited before anything is stopped: nothing is left behind half started.
  const failures: unknown[] = []
  const start = (part: Service) => part.start().catch((error: unknown) => failures.push(error))
  const beside = [start(collector), start(web)]
  await Promise.all([start(redis), start(mongodb)])
  apiEnv.REDIS_URL = redis.url
  apiEnv.MONGODB_URL = mongodb.url
  apiEnv.PINGTRACE_EMBEDDED = [redis.embedded && 'redis', mongodb.embedded && 'mongodb']
    .filter(Boolean)
    .join(',')
  if (failures.length === 0) beside.push(start(api))
  await Promise.all(beside)
  if (failures.length > 0) {
    await stop()
    throw failures[0]
  }
  return { ports, redis, mongodb, collector, api, web, stop }
}

/** Takes every OTEL_EXPORTER_OTLP_* from a process; headers and keys among them are secrets. */
function withoutExporter(): Record<string, undefined> {
  const names = Object.keys(process.env).filter((name) => name.startsWith('OTEL_EXPORTER_OTLP_'))
  return Object.fromEntries(names.map((name) => [name, undefined]))
}

/** The API's way to show our own collector its token; percent-encoded, as its variable has it. */
function ingestHeaders(env: StackOptions['env']): Record<string, string> {
  const token = env?.[ingestTokenVariable] ?? process.env[ingestTokenVariable]
  if (!token) return {}
  return { OTEL_EXPORTER_OTLP_HEADERS: `authorization=${encodeURIComponent(`Bearer ${token}`)}` }
}

/**
 * The real server that the variable names, or an embedded one. A real one is never started,
 * stopped or replaced by us: unreachable is an error that the API's spans show.
 */
function backingService(
  name: string,
  variable: string,
  startEmbedded: typeof startEmbeddedRedis,
  wantedPort: number,
  onCrash: StackOptions['onCrash'],
): BackingService {
  const url = process.env[variable]
  const nothing = () => Promise.resolve()
  if (url) return { url, variable, embedded: false, start: nothing, stop: nothing }
  let running: Awaited<ReturnType<typeof startEmbedded>> | undefined
  let port = wantedPort
  return {
    url: '',
    variable,
    embedded: true,
    async start() {
      const server = await startEmbedded({ port })
      // Started again, it comes back on the same port, where the API expects it.
      port = server.port
      this.url = server.url
      running = server
      void server.ended.then((how) => {
        if (running === server) onCrash(`embedded ${name}`, how)
      })
    },
    async stop() {
      const server = running
      running = undefined // From here on its end is no surprise.
      await server?.stop()
    },
  }
}

/** The variables that give a process these ports. */
export function portEnvironment(ports: Ports): Record<string, string> {
  return Object.fromEntries(
    Object.entries(portVariables).map(([key, { name }]) => [
      name,
      String(ports[key as keyof Ports]),
    ]),
  )
}

/** @throws Error that names the first port that something listens on, and its variable */
export async function refuseTakenPorts(ports: Partial<Ports>): Promise<void> {
  for (const [key, port] of Object.entries(ports)) {
    if (await isTaken(port)) {
      const { name } = portVariables[key as keyof Ports]
      throw new Error(
        `port ${port} is in use: stop what listens there (pingtrace itself?), or set ${name} to another port`,
      )
    }
  }
}

async function isTaken(port: number): Promise<boolean> {
  for (const address of loopbackAddresses) {
    const code = await new Promise<string | undefined>((resolve) => {
      const probe = createServer()
      probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      probe.listen(port, address, () => probe.close(() => resolve(undefined)))
    })
    if (code === 'EADDRINUSE') return true
  }
  return false
}
