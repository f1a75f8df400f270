import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-node'
import { startTracing } from './start-tracing.ts'

/** Starts the real tracing, with an exporter that keeps the spans in memory. */
export function recordSpans() {
  const memory = new InMemorySpanExporter()
  const tracing = startTracing({
    defaultServiceName: 'pingtrace-api',
    serviceVersion: '0.1.0',
    defaultEndpoint: 'http://127.0.0.1:1',
    // As the ping API has it.
    sampler: new AlwaysOnSampler(),
    connect: () => memory,
  })
  return {
    /** The spans exported since the last call, in the order of their ends. */
    take: async (): Promise<ReadableSpan[]> => {
      await tracing.flush()
      const spans = memory.getFinishedSpans()
      memory.reset()
      return spans
    },
  }
}

export const parentId = (span: ReadableSpan | undefined) => span?.parentSpanContext?.spanId
export const spanId = (span: ReadableSpan | undefined) => span?.spanContext().spanId
export const traceId = (span: ReadableSpan | undefined) => span?.spanContext().traceId

/** Of two spans of one process: whether `child` starts and ends within `parent`, to the nanosecond. */
export function liesWithin(child: ReadableSpan, parent: ReadableSpan): boolean {
  const time = (at: [number, number]) => BigInt(at[0]) * 1_000_000_000n + BigInt(at[1])
  return (
    time(child.startTime) >= time(parent.startTime) && time(child.endTime) <= time(parent.endTime)
  )
}
