import { context, DiagLogLevel, diag, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api'
import { ExportResultCode } from '@opentelemetry/core'
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node'
import { afterEach, expect, test, vi } from 'vitest'
import { FlushOnLocalRoot } from './flush-on-local-root.ts'

/** An exporter whose answers the test gives. */
class HeldExporter implements SpanExporter {
  readonly batches: string[][] = []
  readonly answers: Array<(code: ExportResultCode) => void> = []

  export(spans: ReadableSpan[], done: (result: { code: ExportResultCode }) => void): void {
    this.batches.push(spans.map((span) => span.name))
    this.answers.push((code) => done({ code }))
  }

  async shutdown(): Promise<void> {
    for (const answer of this.answers.splice(0)) answer(ExportResultCode.SUCCESS)
  }
}

function setUp() {
  const exporter = new HeldExporter()
  // An hour: whatever leaves in these tests left because of the rule, not of the timer.
  const batch = new BatchSpanProcessor(exporter, { scheduledDelayMillis: 3_600_000 })
  const processor = new FlushOnLocalRoot(batch, exporter)
  const provider = new NodeTracerProvider({ spanProcessors: [processor] })
  return { exporter, processor, tracer: provider.getTracer('test') }
}

const warnings: unknown[][] = []
const silent = () => undefined
const record = (...message: unknown[]) => void warnings.push(message)
diag.setLogger(
  { verbose: silent, debug: silent, info: silent, warn: record, error: record },
  DiagLogLevel.WARN,
)
afterEach(() => void warnings.splice(0))

test('a child waits for its root, and both leave together', () => {
  const { exporter, tracer } = setUp()
  const root = tracer.startSpan('root')
  tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, root)).end()
  expect(exporter.batches).toEqual([])
  root.end()
  expect(exporter.batches).toEqual([['child', 'root']])
})

test('a span whose parent is in another process is a local root', () => {
  const { exporter, tracer } = setUp()
  const remote = trace.setSpanContext(context.active(), {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  })
  tracer.startSpan('server', {}, remote).end()
  expect(exporter.batches).toEqual([['server']])
})

test('one flush is in flight; roots that end meanwhile, or just after, share the next', async () => {
  const { exporter, tracer } = setUp()
  for (const name of ['a', 'b', 'c']) tracer.startSpan(name).end()
  expect(exporter.batches).toEqual([['a']])
  exporter.answers[0]?.(ExportResultCode.SUCCESS)
  // The answer is heard and the pause begins, all in microtasks: no timer can end it before 'd'.
  for (let turn = 0; turn < 50; turn++) await undefined
  tracer.startSpan('d').end()
  expect(exporter.batches).toEqual([['a']])
  await vi.waitUntil(() => exporter.batches.length === 2)
  expect(exporter.batches[1]).toEqual(['b', 'c', 'd'])
})

test('a failed export throws nothing at whoever ends the span, and stops no later flush', async () => {
  const { exporter, tracer } = setUp()
  tracer.startSpan('a').end()
  exporter.answers[0]?.(ExportResultCode.FAILED)
  await vi.waitUntil(() => warnings.length > 0)
  expect(String(warnings[0]?.[0])).toContain('local root')
  tracer.startSpan('b').end()
  await vi.waitUntil(() => exporter.batches.length === 2)
  expect(exporter.batches[1]).toEqual(['b'])
})

test('shutdown exports the spans whose root has not ended', async () => {
  const { exporter, processor, tracer } = setUp()
  const root = tracer.startSpan('root')
  tracer.startSpan('child', {}, trace.setSpan(ROOT_CONTEXT, root)).end()
  const stopped = processor.shutdown()
  await vi.waitUntil(() => exporter.answers.length > 0)
  exporter.answers[0]?.(ExportResultCode.SUCCESS)
  await stopped
  expect(exporter.batches).toEqual([['child']])
})
