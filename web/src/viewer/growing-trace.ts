import { type ArrivedSpans, readSpans, type Span, SpanDecoder } from '@pingtrace/otlp'
import { buildTraceTree, type TraceTree } from '@pingtrace/trace-tree'
import type { StreamEvent } from './event-stream.ts'

/** While much arrives a tree takes one part in so many of the time: the rest is for reading and people. */
const share = 5

export interface GrowingTrace {
  /** Takes what arrived; a tree of it follows, at once or when it is time. */
  take(events: readonly StreamEvent[]): void
  /** No tree follows after this. */
  stop(): void
}

/**
 * Collects the spans of a trace as they arrive, and makes trees of them: a small trace's anew with
 * each event, a giant one's now and then, since a tree of 100,000 spans costs what a hundred events of
 * them bring. When nothing has come for as long as a tree takes, there is one of all of them.
 *
 * @param onTree gets each tree; undefined while there are no spans
 */
export function growTrace(onTree: (tree: TraceTree | undefined) => void): GrowingTrace {
  const decoder = new SpanDecoder()
  let spans: Span[] = []
  /** Milliseconds that the last tree took, and when the next one is due at the latest. */
  let took = 0
  let due = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  /** Protobuf where the source has it: of a giant trace JSON takes both sides several times as long. */
  const read = (arrived: ArrivedSpans): Span[] =>
    arrived.protobuf === undefined
      ? readSpans(arrived)
      : decoder.decode(bytesOfBase64(arrived.protobuf))

  const build = (): void => {
    const began = performance.now()
    onTree(spans.length === 0 ? undefined : buildTraceTree(spans))
    const ended = performance.now()
    took = ended - began
    due = ended + took * (share - 1)
  }

  return {
    take: (events) => {
      for (const { event, data } of events) {
        if (event === 'reset') spans = []
        // Not by spreading: a giant event has more spans than a call may have arguments.
        if (event === 'spans') for (const span of read(data as ArrivedSpans)) spans.push(span)
      }
      clearTimeout(timer)
      const wait = due - performance.now()
      if (wait <= 0) build()
      else timer = setTimeout(build, Math.min(wait, took))
    },
    stop: () => clearTimeout(timer),
  }
}

function bytesOfBase64(text: string): Uint8Array {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at)
  return bytes
}
