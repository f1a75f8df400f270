import type { ForwardCounts } from '../exporters/forwarder.ts'
import type { ReceiverState } from '../receivers/receiver-state.ts'
import type { TraceStore } from '../store/trace-store.ts'
import { exposition, type Metric, type Sample } from './exposition.ts'
import type { CountedSpans, SpanCounts } from './span-counts.ts'

/** The parts that have something to tell. */
export interface Measured {
  spans: CountedSpans
  receivers: ReceiverState
  forwarding: readonly ForwardCounts[]
  store: TraceStore
  /** Live streams that are open. */
  streams: number
}

/**
 * All of `GET /metrics`. What the official Collector measures too has its name and labels
 * (v0.151, which documents them in the documentation.md of its service, receiverhelper and
 * exporterhelper), so that its dashboards fit; what only we have begins with `pingtrace_`.
 */
export function collectorMetrics(parts: Measured): string {
  return exposition([
    ...receiverMetrics(parts),
    ...exporterMetrics(parts.forwarding),
    ...storeMetrics(parts),
    ...processMetrics(),
  ])
}

function receiverMetrics({ spans, receivers }: Measured): Metric[] {
  const each = (count: keyof SpanCounts) =>
    (['grpc', 'http'] as const).map((transport) => ({
      labels: { receiver: 'otlp', transport },
      value: spans.counts[transport][count],
    }))
  const answers = (['grpc', 'http'] as const).flatMap((transport) =>
    [...receivers.answers[transport]].map(([code, value]) => ({
      labels: { receiver: 'otlp', transport, code: String(code) },
      value,
    })),
  )
  const dropped = Object.entries(receivers.dropped.requests).map(([signal, value]) => ({
    labels: { signal },
    value,
  }))
  return [
    counter('otelcol_receiver_accepted_spans', 'Spans that were stored.', each('accepted')),
    counter(
      'otelcol_receiver_refused_spans',
      'Spans without valid ids, or that could not be stored and were to be sent again.',
      each('refused'),
    ),
    counter('pingtrace_receiver_answers', 'Answers to senders, by status.', answers),
    counter(
      'pingtrace_receiver_dropped_requests',
      'Requests of signals that are not kept.',
      dropped,
    ),
    gauge('pingtrace_receiver_bytes_in_flight', 'Bytes of the requests under way.', [
      { value: receivers.memory.bytes },
    ]),
  ]
}

function exporterMetrics(forwarding: readonly ForwardCounts[]): Metric[] {
  const each = (of: (counts: ForwardCounts) => number, labels = {}): Sample[] =>
    forwarding.map((counts) => ({
      labels: { exporter: counts.exporter, ...labels },
      value: of(counts),
    }))
  return [
    counter(
      'otelcol_exporter_sent_spans',
      'Spans that a target has taken.',
      each((counts) => counts.forwardedSpans),
    ),
    counter(
      'otelcol_exporter_send_failed_spans',
      'Spans that a target has refused for good.',
      each((counts) => counts.refusedSpans),
    ),
    counter(
      'otelcol_exporter_enqueue_failed_spans',
      'Spans that had to make room in the queue before they were sent.',
      each((counts) => counts.droppedSpans),
    ),
    gauge(
      'otelcol_exporter_queue_size',
      'Requests that wait to be sent.',
      each((counts) => counts.queuedRequests, { data_type: 'traces' }),
    ),
    gauge(
      'pingtrace_exporter_queued_spans',
      'Spans that wait to be sent.',
      each((counts) => counts.queuedSpans),
    ),
  ]
}

function storeMetrics({ store, streams }: Measured): Metric[] {
  return [
    gauge('pingtrace_store_spans', 'Spans that are stored.', [{ value: store.spanCount }]),
    gauge('pingtrace_store_traces', 'Traces that are stored.', [{ value: store.traceCount }]),
    counter('pingtrace_store_dropped_segments', 'Segments that retention has dropped.', [
      { value: store.droppedSegments },
    ]),
    gauge('pingtrace_store_damaged_bytes', 'Bytes that were found damaged, and skipped.', [
      { value: store.damagedBytes },
    ]),
    gauge('pingtrace_streams', 'Live streams that are open.', [{ value: streams }]),
  ]
}

function processMetrics(): Metric[] {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  return [
    counter('otelcol_process_uptime_seconds', 'Uptime of the process.', [
      { value: process.uptime() },
    ]),
    counter('otelcol_process_cpu_seconds', 'CPU time of the process, user and system.', [
      { value: (user + system) / 1e6 },
    ]),
    gauge('otelcol_process_memory_rss_bytes', 'Resident set size.', [{ value: rss }]),
    gauge('otelcol_process_runtime_heap_alloc_bytes', 'Bytes of objects on the heap of V8.', [
      { value: heapUsed },
    ]),
  ]
}

/** @param name without the `_total` that the exposition of a counter ends in */
function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name: `${name}_total`, help, type: 'counter', samples }
}

function gauge(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, help, type: 'gauge', samples }
}
