import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '@pingtrace/loopback/free-ports'
import { sent } from './sent.ts'

export type Protocol = 'grpc' | 'http/protobuf' | 'http/json'

/** A program that nobody here wrote the exporter of. */
export interface Client {
  name: string
  /** How it can send: protocol and compression. */
  ways: [Protocol, 'none' | 'gzip' | 'deflate'][]
  /** What there must be once it is built. */
  isBuilt(folder: string): boolean
  /** Builds it there, from sources that are in clients/ or come from its language's registry. */
  build(folder: string): Promise<void>
  /** Sends all of `sent`, and resolves when it was acknowledged and the program has ended. */
  send(folder: string, protocol: Protocol, compression: string, endpoint: string): Promise<void>
}

const sources = fileURLToPath(new URL('clients/', import.meta.url))
const plainAndGzip: Client['ways'] = [
  ['grpc', 'none'],
  ['grpc', 'gzip'],
  ['http/protobuf', 'none'],
  ['http/protobuf', 'gzip'],
]
const json: Client['ways'] = [
  ['http/json', 'none'],
  ['http/json', 'gzip'],
]

const run = promisify(execFile)

const python: Client = {
  name: 'python',
  ways: [...plainAndGzip, ['http/protobuf', 'deflate'], ...json],
  isBuilt: (folder) => existsSync(join(folder, 'python/bin/python')),
  build: async (folder) => {
    await run(process.env.PYTHON || 'python3', ['-m', 'venv', join(folder, 'python')])
    const requirements = join(sources, 'python/requirements.txt')
    await run(join(folder, 'python/bin/pip'), ['install', '--quiet', '-r', requirements])
  },
  send: async (folder, ...args) => {
    await run(join(folder, 'python/bin/python'), [join(sources, 'python/client.py'), ...args])
  },
}

const go: Client = {
  name: 'go',
  ways: plainAndGzip,
  isBuilt: (folder) => existsSync(join(folder, 'go/client')),
  build: async (folder) => {
    const cwd = join(folder, 'go')
    await cp(join(sources, 'go'), cwd, { recursive: true })
    await run('go', ['mod', 'tidy'], { cwd })
    await run('go', ['build', '-o', 'client', '.'], { cwd })
  },
  send: async (folder, ...args) => {
    await run(join(folder, 'go/client'), args)
  },
}

const java: Client = {
  name: 'java',
  ways: plainAndGzip,
  isBuilt: (folder) => existsSync(join(folder, 'java/target/classes/Client.class')),
  build: async (folder) => {
    const cwd = join(folder, 'java')
    await cp(join(sources, 'java'), cwd, { recursive: true })
    await run('mvn', ['-q', '-B', 'package', 'dependency:copy-dependencies'], { cwd })
  },
  send: async (folder, ...args) => {
    const target = join(folder, 'java/target')
    const path = [join(target, 'classes'), join(target, 'dependency/*')].join(delimiter)
    await run('java', ['-cp', path, 'Client', ...args])
  },
}

/** The official Collector, which `OTELCOL` names: what it is sent in JSON it sends on. */
const otelcol: Client = {
  name: 'otelcol',
  ways: [...plainAndGzip, ...json],
  isBuilt: () => Boolean(process.env.OTELCOL),
  build: async () => {
    throw new Error('OTELCOL does not name it (CONTRIBUTING.md says how to build it)')
  },
  send: async (folder, protocol, compression, endpoint) => {
    const port = await freePort()
    // Without a queue it answers when it has been answered.
    const common = { endpoint, compression, sending_queue: { enabled: false } }
    const encoding = protocol === 'http/json' ? 'json' : 'proto'
    const exporter =
      protocol === 'grpc'
        ? { otlp_grpc: { ...common, tls: { insecure: true } } }
        : { otlp_http: { ...common, encoding } }
    const configuration = {
      receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}` } } } },
      exporters: exporter,
      service: {
        telemetry: { metrics: { level: 'none' } },
        pipelines: { traces: { receivers: ['otlp'], exporters: Object.keys(exporter) } },
      },
    }
    await mkdir(folder, { recursive: true })
    const file = join(folder, `otelcol-${port}.yaml`)
    // JSON is YAML too.
    await writeFile(file, JSON.stringify(configuration))
    const stdio = ['ignore', 'ignore', 'pipe'] as const
    const child = spawn(process.env.OTELCOL!, ['--config', file], { stdio: [...stdio] })
    const ended = once(child, 'exit')
    try {
      await ready(child.stderr!)
      const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(sent),
      })
      if (response.status !== 200) throw new Error(`it answers ${await response.text()}`)
    } finally {
      child.kill()
      await ended
    }
  },
}

export const clients = [python, go, java, otelcol]

/** @throws with its log, when the official Collector ends before it is ready */
function ready(stderr: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    let log = ''
    // Read to its end: a pipe that nobody reads would stop the program.
    stderr.on('data', (chunk) => {
      log += chunk
      if (log.includes('Everything is ready')) resolve()
    })
    stderr.on('end', () => reject(new Error(`the official Collector did not start: ${log}`)))
  })
}
