import { once } from 'node:events'
import { type Attributes, type Span, SpanKind } from '@opentelemetry/api'
import { ATTR_SERVER_ADDRESS, ATTR_SERVER_PORT } from '@opentelemetry/semantic-conventions'
import { createClient, ErrorReply, MultiErrorReply } from 'redis'
import { traced, withSpan } from '../tracing/index.ts'
import { HEALTH_LIMIT_MS, LEG_LIMIT_MS, type Leg } from './leg.ts'
import { randomLetters } from './random-letters.ts'
import { TimeLimitError, within } from './within.ts'

/** A server that is back is noticed within half a second. */
const MAX_RECONNECT_MS = 500

type Client = ReturnType<typeof open>

/**
 * The Redis leg. It connects in the background, for as long as it takes.
 * @param url redis://[user:password@]host[:port][/database]
 * @throws TypeError when `url` is no such thing
 */
export function redisLeg(url: string): Leg {
  const { host, port, database } = parse(url)
  const address = `${host}:${port}`
  let client = open(url)

  const mSetAndGet = (length: number) =>
    withSpan(
      'server redis operation',
      { kind: SpanKind.CLIENT, attributes: attributes(host, port, database) },
      async (span) => {
        const used = client
        try {
          return await within(LEG_LIMIT_MS, `Redis at ${address}`, async (signal) => {
            await ready(used, signal)
            return exchange(used, randomLetters(length))
          })
        } catch (error) {
          recordStatusCode(span, error)
          if (error instanceof TimeLimitError) replace(used)
          throw error
        }
      },
    )

  /** A connection that went silent stays so: the next operation gets a new one. */
  const replace = (silent: Client) => {
    if (silent !== client) return
    client = open(url)
    silent.destroy()
  }

  return {
    name: 'redis',
    address,
    run: traced('redis_integration', {}, mSetAndGet),
    identify: () =>
      within(HEALTH_LIMIT_MS, `Redis at ${address}`, async (signal) => {
        const used = client
        await ready(used, signal)
        return describe(await used.info('server'))
      }),
    close: async () => client.destroy(),
  }
}

function open(url: string) {
  const client = createClient({
    url,
    // A command fails at once while there is no connection, instead of waiting for one in a queue.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: LEG_LIMIT_MS,
      reconnectStrategy: (retries) => Math.min(MAX_RECONNECT_MS, 50 * 2 ** retries),
    },
  })
  client.setMaxListeners(0) // Each operation that waits for the connection listens: see ready().
  let reachable = true
  client.on('ready', () => {
    reachable = true
  })
  client.on('error', (error: Error) => {
    if (reachable) console.warn(`redis: ${error.message || error.name}; trying again`)
    reachable = false
  })
  // Rejects only when the client is closed while it connects: every failure before is an "error".
  client.connect().catch(() => undefined)
  return client
}

/** Waits for the connection; throws the reason when the attempt under way (or the next) fails. */
async function ready(client: Client, signal: AbortSignal): Promise<void> {
  // `once` also rejects when "error" is emitted first.
  if (!client.isReady) await once(client, 'ready', { signal })
}

/** MSET and GET of the key "length", in one round trip. */
async function exchange(client: Client, text: string): Promise<string> {
  const [, stored] = await client.multi().mSet({ length: text }).get('length').execAsPipeline()
  return String(stored)
}

/** By the conventions for Redis; two different commands in one pipeline are a PIPELINE of 2. */
function attributes(host: string, port: number, database: string): Attributes {
  return {
    'db.system.name': 'redis',
    'db.operation.name': 'PIPELINE',
    'db.operation.batch.size': 2,
    'db.namespace': database,
    [ATTR_SERVER_ADDRESS]: host,
    [ATTR_SERVER_PORT]: port,
  }
}

/** The prefix of an error reply, such as WRONGTYPE or NOAUTH. */
function recordStatusCode(span: Span, error: unknown): void {
  const reply = error instanceof MultiErrorReply ? [...error.errors()][0] : error
  if (!(reply instanceof ErrorReply)) return
  const [code] = reply.message.split(' ', 1)
  if (code !== undefined) span.setAttribute('db.response.status_code', code)
}

function parse(url: string): { host: string; port: number; database: string } {
  const { hostname, port, pathname } = new URL(url)
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? 6_379 : Number(port),
    database: pathname.length > 1 ? pathname.slice(1) : '0',
  }
}

/** Reads the answer to INFO: lines of key:value. Valkey also tells a Redis version, for old clients. */
function describe(info: string): string {
  const read = (key: string) => new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(info)?.[1]
  const valkey = read('valkey_version')
  return valkey === undefined ? `redis ${read('redis_version') ?? '?'}` : `valkey ${valkey}`
}
