import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { DiagLogLevel, diag } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { freePort } from '@pingtrace/loopback/free-ports'
import { afterEach, expect, test, vi } from 'vitest'
import { type Answer, Metadata, startOtlpServer, status } from './otlp-grpc-server.test-support.ts'
import { RetryingExporter, type RetryingExporterOptions } from './retrying-exporter.ts'

const said: string[] = []
const silent = () => undefined
const say = (...parts: unknown[]) => void said.push(parts.map(String).join(' '))
diag.setLogger(
  { verbose: silent, debug: silent, info: say, warn: say, error: say },
  DiagLogLevel.INFO,
)

const cleanUp: Array<() => unknown> = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
  said.length = 0
})

async function collector(answer: (request: number) => Answer = () => undefined, port = 0) {
  const server = await startOtlpServer(answer, port)
  cleanUp.push(server.kill)
  return server
}

function exporterTo(port: number, options: Partial<RetryingExporterOptions> = {}) {
  const exporter = new RetryingExporter({
    connect: () => new OTLPTraceExporter({ url: `http://127.0.0.1:${port}` }),
    shutdownMs: 50,
    ...options,
  })
  cleanUp.push(() => exporter.shutdown())
  return { exporter, send: (...spans: ReadableSpan[]) => exporter.export(spans, silent) }
}

const memory = new InMemorySpanExporter()
const tracer = new NodeTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(memory)],
}).getTracer('test')

function spans(...names: string[]): ReadableSpan[] {
  for (const name of names) tracer.startSpan(name).end()
  return memory.getFinishedSpans().splice(-names.length)
}

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `span ${i}`)

test('what is handed over arrives, and forceFlush waits for it', async () => {
  const server = await collector()
  const { exporter, send } = exporterTo(server.port)
  send(...spans('a', 'b'))
  await exporter.forceFlush()
  expect(server.accepted).toEqual(['a', 'b'])
})

test('a collector that starts late gets every span, in order', async () => {
  const port = await freePort()
  const { exporter, send } = exporterTo(port)
  send(...spans('a'))
  await vi.waitUntil(() => said.some((line) => line.includes('collector is away')))
  send(...spans('b', 'c'))
  const server = await collector(undefined, port)
  await exporter.forceFlush()
  expect(server.accepted).toEqual(['a', 'b', 'c'])
})

test('every attempt connects anew, because a connection that failed would wait much longer', async () => {
  let connections = 0
  const refusing = createServer((socket) => {
    connections++
    socket.destroy()
  })
  await once(refusing.listen(0, '127.0.0.1'), 'listening')
  cleanUp.push(() => refusing.close())
  const url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`
  let attempts = 0
  const { send } = exporterTo(0, {
    connect: () => {
      // By the next attempt the one before has been refused.
      expect(connections).toBe(attempts++)
      return new OTLPTraceExporter({ url })
    },
  })
  send(...spans('a'))
  await vi.waitUntil(() => connections === 4, { timeout: 10_000 })
  expect(attempts).toBe(4)
})

test('a connection that works is kept', async () => {
  const server = await collector()
  const { exporter, send } = exporterTo(server.port)
  for (const name of ['a', 'b', 'c']) {
    send(...spans(name))
    await exporter.forceFlush()
  }
  expect(server.peers).toHaveLength(3)
  expect(new Set(server.peers).size).toBe(1)
})

test('a collector that restarts in mid-stream loses no span', async () => {
  const first = await collector(undefined, await freePort())
  const { exporter, send } = exporterTo(first.port)
  const names = numbered(600)
  const stream = spans(...names)
  const pump = setInterval(() => {
    const next = stream.splice(0, 5)
    if (next.length > 0) send(...next)
  }, 1)
  cleanUp.push(() => clearInterval(pump))
  await vi.waitUntil(() => first.accepted.length > 100)
  first.kill()
  await vi.waitUntil(() => said.some((line) => line.includes('collector is away')))
  const second = await collector(undefined, first.port)
  await vi.waitUntil(() => stream.length === 0)
  await exporter.forceFlush()
  // A request whose answer was cut off is sent again: twice is allowed, never is not.
  expect([...new Set([...first.accepted, ...second.accepted])].sort()).toEqual(names.sort())
})

test('what the collector refuses for good is dropped once, and said', async () => {
  const server = await collector((request) =>
    request === 0 ? { code: status.INVALID_ARGUMENT } : undefined,
  )
  const { exporter, send } = exporterTo(server.port)
  send(...spans('bad'))
  await exporter.forceFlush()
  send(...spans('good'))
  await exporter.forceFlush()
  expect(server.requests).toEqual([['bad'], ['good']])
  expect(said.filter((line) => line.includes('given up'))).toHaveLength(1)
})

test('every code that OTLP calls retryable is retried', async () => {
  const codes = [
    status.CANCELLED,
    status.DEADLINE_EXCEEDED,
    status.ABORTED,
    status.OUT_OF_RANGE,
    status.UNAVAILABLE,
    status.DATA_LOSS,
  ]
  for (const code of codes) {
    const server = await collector((request) => (request === 0 ? { code } : undefined))
    const { exporter, send } = exporterTo(server.port)
    send(...spans('a'))
    await exporter.forceFlush()
    expect(server.requests).toEqual([['a'], ['a']])
  }
})

test('RESOURCE_EXHAUSTED is retried only when the collector says when', async () => {
  const metadata = new Metadata()
  // google.rpc.Status with a google.rpc.RetryInfo of 20 ms: Duration { nanos = 20000000 }
  const duration = Buffer.from([0x10, 0x80, 0xda, 0xc4, 0x09])
  const info = Buffer.concat([Buffer.from([0x0a, duration.length]), duration])
  const type = Buffer.from('type.googleapis.com/google.rpc.RetryInfo')
  const any = Buffer.concat([
    Buffer.from([0x0a, type.length]),
    type,
    Buffer.from([0x12, info.length]),
    info,
  ])
  const detail = Buffer.concat([Buffer.from([0x08, 8, 0x1a, any.length]), any])
  metadata.set('grpc-status-details-bin', detail)

  const patient = await collector((request) =>
    request === 0 ? { code: status.RESOURCE_EXHAUSTED, metadata } : undefined,
  )
  const one = exporterTo(patient.port)
  one.send(...spans('a'))
  await one.exporter.forceFlush()
  expect(patient.accepted).toEqual(['a'])

  const full = await collector(() => ({ code: status.RESOURCE_EXHAUSTED }))
  const two = exporterTo(full.port)
  two.send(...spans('b'))
  await two.exporter.forceFlush()
  expect(full.requests).toEqual([['b']])
})

test('a full queue keeps the oldest, drops the newest, and says so once', async () => {
  const port = await freePort()
  const { exporter, send } = exporterTo(port, { queueSpans: 10 })
  const names = numbered(25)
  for (const span of spans(...names)) send(span)
  expect(said.filter((line) => line.includes('queue full'))).toHaveLength(1)
  const server = await collector(undefined, port)
  await exporter.forceFlush()
  expect(server.accepted).toEqual(names.slice(0, 10))
  expect(said.some((line) => line.includes('15 spans were dropped'))).toBe(true)
})

test('a backlog leaves in large requests', async () => {
  const port = await freePort()
  const { exporter, send } = exporterTo(port)
  for (const span of spans(...numbered(1_200))) send(span)
  const server = await collector(undefined, port)
  await exporter.forceFlush()
  expect(server.accepted).toHaveLength(1_200)
  expect(server.requests.length).toBeLessThanOrEqual(4)
})

test('shutdown sends what is left', async () => {
  const server = await collector()
  const { exporter, send } = exporterTo(server.port, { shutdownMs: 10_000 })
  send(...spans('a', 'b'))
  await exporter.shutdown()
  expect(server.accepted).toEqual(['a', 'b'])
})

test('shutdown comes back although the collector is down, or never answers', async () => {
  const hung = await collector(() => 'hang')
  for (const port of [await freePort(), hung.port]) {
    const { exporter, send } = exporterTo(port)
    send(...spans('a'))
    const flushed = exporter.forceFlush()
    await exporter.shutdown()
    await flushed
    expect(said.some((line) => line.includes('1 spans given up at shutdown'))).toBe(true)
    said.length = 0
  }
})

test('an address that makes no sense is told to diag, not to the application', async () => {
  const exporter = new RetryingExporter({
    connect: () => new OTLPTraceExporter({ url: 'http://' }),
  })
  exporter.export(spans('a'), silent)
  await exporter.forceFlush()
  expect(said.some((line) => line.includes('given up'))).toBe(true)
})

test('of every span it is told once what became of it, and not before', async () => {
  const outcomes: string[] = []
  const onSettled: RetryingExporterOptions['onSettled'] = (settled, outcome) => {
    for (const { name } of settled) outcomes.push(`${name}: ${outcome}`)
  }
  const server = await collector((request) => {
    if (request === 0) return { code: status.UNAVAILABLE }
    return request === 2 ? { code: status.INVALID_ARGUMENT } : undefined
  })
  const { exporter, send } = exporterTo(server.port, { queueSpans: 2, onSettled })
  send(...spans('retried', 'retried too', 'no room'))
  expect(outcomes.splice(0)).toEqual(['no room: dropped'])
  await exporter.forceFlush()
  expect(outcomes.splice(0)).toEqual(['retried: exported', 'retried too: exported'])

  send(...spans('refused'))
  await exporter.forceFlush()
  expect(outcomes.splice(0)).toEqual(['refused: dropped'])

  server.kill()
  send(...spans('left at the end'))
  await exporter.shutdown()
  send(...spans('after the end'))
  expect(outcomes).toEqual(['left at the end: dropped', 'after the end: dropped'])
})
