import type { Span } from '@pingtrace/otlp'
import { processOf } from '@pingtrace/trace-facts'
import type { TraceSubject } from '../trace-subject.ts'

/** The W3C's sampled flag, in the lowest byte of Span.flags. */
const sampled = 0x01

const writers = new WeakMap<TraceSubject, Set<string>>()

/**
 * Whether a span was sent though its own context says “not sampled”. The flags alone prove nothing,
 * since some SDKs never write the sampled bit (opentelemetry-python): its process must have set it on
 * another span.
 */
export function isUnsampled(span: Span, subject: TraceSubject): boolean {
  if ((span.flags & sampled) !== 0) return false
  let known = writers.get(subject)
  if (known === undefined) {
    const all = [...subject.nodes.map((node) => node.span), ...subject.elsewhere]
    known = new Set(all.filter(({ flags }) => (flags & sampled) !== 0).map(processOf))
    writers.set(subject, known)
  }
  return known.has(processOf(span))
}
