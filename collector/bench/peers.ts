import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '@pingtrace/loopback/free-ports'

/** A collector that takes load. */
export interface Peer {
  label: string
  grpc: string
  http: string
  query: string
  pid: number
  /** Where it keeps what it keeps; it is gone afterwards. */
  folder: string
  stop(): Promise<void>
}

type PeerPorts = Record<'grpc' | 'http' | 'query', number>

/** Starts the built collector of ours as `npm start` does, with a folder of its own. */
export async function startOurs(root: string, env: NodeJS.ProcessEnv = {}): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'pingtrace-bench-'))
  const ports = await freePorts()
  const child = fork(join(root, 'collector/dist/main.js'), {
    env: {
      ...process.env,
      ...env,
      PINGTRACE_OTLP_GRPC_PORT: String(ports.grpc),
      PINGTRACE_OTLP_HTTP_PORT: String(ports.http),
      PINGTRACE_QUERY_PORT: String(ports.query),
      PINGTRACE_DATA_DIR: join(folder, 'segments'),
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await once(child, 'message')
  return peer('pingtrace', child, ports, folder)
}

/**
 * The official Collector, receive → batch → nop: it stores nothing.
 * @returns undefined where there is none; `OTELCOL` names it, or it is on PATH
 */
export async function startOtelcol(): Promise<Peer | undefined> {
  const program = find('OTELCOL', ['otelcol', 'otelcol-contrib'])
  if (program === undefined) return undefined
  return startProgram('official Collector, to nop', program, ({ grpc, http }) =>
    JSON.stringify({
      receivers: otlpReceiver(grpc, http),
      processors: { batch: null },
      exporters: { nop: null },
      service: {
        telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
        pipelines: { traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['nop'] } },
      },
    }),
  )
}

/**
 * Jaeger with its memory store.
 * @param asShipped with the batch processor of its default configuration; pages may send as well
 * @returns undefined where there is none; `JAEGER` names it, or it is on PATH
 */
export async function startJaeger(asShipped = false): Promise<Peer | undefined> {
  const program = find('JAEGER', ['jaeger'])
  if (program === undefined) return undefined
  return startProgram('Jaeger, memory store', program, ({ grpc, http, query }) =>
    JSON.stringify({
      extensions: {
        jaeger_query: {
          storage: { traces: 'memory' },
          // Its own spans are not part of the load.
          enable_tracing: false,
          grpc: { endpoint: '127.0.0.1:0' },
          http: { endpoint: `127.0.0.1:${query}` },
        },
        jaeger_storage: { backends: { memory: { memory: { max_traces: 1_000_000 } } } },
      },
      receivers: otlpReceiver(grpc, http, asShipped),
      ...(asShipped && { processors: { batch: null } }),
      exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
      service: {
        extensions: ['jaeger_storage', 'jaeger_query'],
        telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
        pipelines: {
          traces: {
            receivers: ['otlp'],
            ...(asShipped && { processors: ['batch'] }),
            exporters: ['jaeger_storage_exporter'],
          },
        },
      },
    }),
  )
}

/**
 * CPU seconds that a process has used, all its threads together, as the operating system counts.
 * @returns undefined where /proc does not tell (not Linux)
 */
export function cpuSeconds(pid: number): number | undefined {
  const path = `/proc/${pid}/stat`
  if (!existsSync(path)) return undefined
  // proc(5): utime and stime are fields 14 and 15; the name in field 2 may hold spaces.
  const fields = readFileSync(path, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** USER_HZ, which is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/** Resident memory of a process in MB (10^6 bytes); undefined where /proc does not tell. */
export function residentMegabytes(pid: number): number | undefined {
  const path = `/proc/${pid}/status`
  if (!existsSync(path)) return undefined
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(path, 'utf8')) ?? []
  return kilobytes === undefined ? undefined : (Number(kilobytes) * 1_024) / 1e6
}

function otlpReceiver(grpc: number, http: number, forPages = false) {
  const cors = { allowed_origins: ['http://localhost:*'], allowed_headers: ['*'] }
  return {
    otlp: {
      protocols: {
        grpc: { endpoint: `127.0.0.1:${grpc}`, max_recv_msg_size_mib: 20 },
        http: { endpoint: `127.0.0.1:${http}`, ...(forPages && { cors }) },
      },
    },
  }
}

/** @param configure writes the program's configuration; JSON is YAML too */
async function startProgram(
  label: string,
  program: string,
  configure: (ports: PeerPorts) => string,
): Promise<Peer> {
  const folder = await mkdtemp(join(tmpdir(), 'pingtrace-bench-'))
  const ports = await freePorts()
  const config = join(folder, 'config.yaml')
  await writeFile(config, configure(ports))
  const child = spawn(program, ['--config', config], { stdio: ['ignore', 'ignore', 'inherit'] })
  await Promise.race([
    answers(ports.http),
    once(child, 'error').then(([error]) => Promise.reject(error)),
    once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`${program} ended at its start, exit code ${code}`)),
    ),
  ])
  return peer(label, child, ports, folder)
}

function peer(label: string, child: ChildProcess, ports: PeerPorts, folder: string): Peer {
  const { grpc, http, query } = ports
  return {
    label,
    grpc: `127.0.0.1:${grpc}`,
    http: `127.0.0.1:${http}`,
    query: `127.0.0.1:${query}`,
    pid: child.pid!,
    folder,
    async stop() {
      const gone = once(child, 'exit')
      // Ours leaves signals to whoever supervises it, and ends when that is gone.
      if (child.connected) child.disconnect()
      else child.kill()
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function find(variable: string, names: string[]): string | undefined {
  const given = process.env[variable]
  if (given) return given
  return (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => existsSync(path))
}

async function freePorts(): Promise<PeerPorts> {
  return { grpc: await freePort(), http: await freePort(), query: await freePort() }
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (open) return
    await delay(50)
  }
}
