import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'
import { freePort } from '@pingtrace/loopback/free-ports'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { ForwardCounts } from './exporters/forwarder.ts'
import {
  environment,
  type Protocol,
  recordLog,
  startTarget,
  until,
} from './exporters/otlp-target.test-support.ts'
import { readForwardSettings } from './exporters/settings.ts'
import { asJson, realSpans } from './otlp/testing.ts'
import {
  postTraces,
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  temporaryFolder,
  traceIdOf,
} from './testing.ts'

function collectorTo(protocol: Protocol, port: number): Promise<TestCollector> {
  const forward = readForwardSettings(environment(protocol, port))!
  return startTestCollector(temporaryFolder(), { exporters: [{ id: 'test', forward }] })
}

async function health(collector: TestCollector) {
  const response = await collector.query('/healthz')
  return (await response.json()) as { spans: number; forwarding?: ForwardCounts[] }
}

async function forwards(collector: TestCollector, counts: Partial<ForwardCounts>): Promise<void> {
  await vi.waitFor(
    async () => expect((await health(collector)).forwarding).toMatchObject([counts]),
    {
      timeout: 15_000,
    },
  )
}

function exportByGrpc(port: number, spans: ReadableSpan[]): Promise<void> {
  const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${port}` })
  onTestFinished(() => exporter.shutdown())
  return new Promise((resolve, reject) => {
    exporter.export(spans, ({ error }) => (error === undefined ? resolve() : reject(error)))
  })
}

const names = (count: number) => Array.from({ length: count }, (_, n) => `span ${n}`)

async function sendAll(collector: TestCollector, spanNames: string[]): Promise<void> {
  for (const [n, name] of spanNames.entries()) {
    await collector.send(request('shop', span(traceIdOf(1), spanIdOf(n + 1), { name })))
  }
}

describe.each<Protocol>(['http/protobuf', 'grpc'])(
  'a collector that forwards by %s',
  (protocol) => {
    it('sends on what a page and an API sent, stores it as well, and shows the counts', async () => {
      recordLog()
      const target = await startTarget(protocol)
      const collector = await collectorTo(protocol, target.port)
      const [api, ...web] = realSpans().reverse()
      const json = { 'content-type': 'application/json' }
      expect((await postTraces(collector.ports.otlpHttp, asJson(web), json)).status).toBe(200)
      await exportByGrpc(collector.ports.otlpGrpc, [api!])

      await forwards(collector, { forwardedSpans: 3, queuedSpans: 0, droppedSpans: 0 })
      expect(target.taken().sort()).toEqual([api!, ...web].map(({ name }) => name).sort())
      expect((await health(collector)).spans).toBe(3)
    })

    it('loses nothing while the target is away', async () => {
      recordLog()
      const port = await freePort()
      const collector = await collectorTo(protocol, port)
      const sent = names(100)
      await sendAll(collector, sent)
      await forwards(collector, { queuedSpans: sent.length, forwardedSpans: 0 })

      const target = await startTarget(protocol, { port })
      await forwards(collector, { forwardedSpans: sent.length, queuedSpans: 0 })
      expect(target.taken()).toEqual(sent)
    })

    it('sends what waits before it ends', async () => {
      recordLog()
      const target = await startTarget(protocol)
      const collector = await collectorTo(protocol, target.port)
      const sent = names(20)
      await sendAll(collector, sent)
      await collector.close()
      expect(target.taken()).toEqual(sent)
    })
  },
)

it('ends in time where the target is away, and says what that one did not get', async () => {
  const lines = recordLog()
  const collector = await collectorTo('grpc', await freePort())
  await sendAll(collector, names(3))
  await until(() => lines.some((line) => line.includes('spans wait')))
  await collector.close()
  expect(lines).toContainEqual(expect.stringContaining('3 spans wait on disk for'))
})

it('says nothing of forwarding where nobody asked for it', async () => {
  expect(await health(await startTestCollector())).not.toHaveProperty('forwarding')
})
