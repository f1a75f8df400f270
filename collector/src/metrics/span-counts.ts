import type { ReceiverName, TracesConsumer } from '../consumer.ts'
import { MalformedError } from '../consumer.ts'
import { TracesScan } from '../otlp/scan.ts'

/** Spans by what became of them at the door. */
export interface SpanCounts {
  accepted: number
  /** Without valid ids, or of a request that was to be sent again. */
  refused: number
}

/** The names by which the official Collector counts its receivers. */
export type Transport = 'grpc' | 'http'

const transports: Record<ReceiverName, Transport> = {
  'otlp-grpc': 'grpc',
  'otlp-http-protobuf': 'http',
  'otlp-http-json': 'http',
}

/** Counts what goes through, by transport; stands before all that may refuse. */
export class CountedSpans implements TracesConsumer {
  readonly counts: Record<Transport, SpanCounts> = {
    grpc: { accepted: 0, refused: 0 },
    http: { accepted: 0, refused: 0 },
  }
  readonly #next: TracesConsumer
  #scan: TracesScan | undefined

  constructor(next: TracesConsumer) {
    this.#next = next
  }

  async consumeTraces(request: Parameters<TracesConsumer['consumeTraces']>[0]) {
    const counts = this.counts[transports[request.receiver]]
    try {
      const outcome = await this.#next.consumeTraces(request)
      counts.accepted += outcome.acceptedSpans
      counts.refused += outcome.rejectedSpans
      return outcome
    } catch (error) {
      // In what cannot be read nobody can count spans.
      if (!(error instanceof MalformedError)) counts.refused += this.#spansIn(request.payload)
      throw error
    }
  }

  #spansIn(payload: Uint8Array): number {
    this.#scan ??= new TracesScan()
    try {
      this.#scan.scan(payload)
      return this.#scan.spanCount
    } catch (error) {
      if (error instanceof MalformedError) return 0
      throw error
    }
  }
}
