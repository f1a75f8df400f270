import type { Attributes } from '@opentelemetry/api'
import { readTraceparent } from './traceparent.ts'

/**
 * Why a SERVER span begins a trace of its own: `absent`, `malformed` or `duplicated`, of the
 * `traceparent` that was to name its parent. Not set where the trace was continued.
 */
export const ATTR_PROPAGATION_EXTRACTION = 'propagation.extraction'

/**
 * The `traceparent` that was malformed or duplicated, for whoever looks for its sender: at most 128
 * characters (room for two of them), of printable ASCII; anything else is a question mark.
 */
export const ATTR_PROPAGATION_TRACEPARENT = 'propagation.traceparent'

/**
 * False on a SERVER span whose caller said “not sampled”. It was recorded all the same; servers that
 * obey that flag would have left a hole in the trace.
 */
export const ATTR_PROPAGATION_SAMPLED = 'propagation.sampled'

const MAX_EVIDENCE = 128

/**
 * The attributes that say why extraction gave nothing; none when the header is valid.
 * @param value the carrier's `traceparent`
 */
export function explainExtraction(value: string | readonly string[] | undefined): Attributes {
  const traceparent = readTraceparent(value)
  switch (traceparent.outcome) {
    case 'valid':
      return {}
    case 'absent':
      return { [ATTR_PROPAGATION_EXTRACTION]: 'absent' }
    default:
      return {
        [ATTR_PROPAGATION_EXTRACTION]: traceparent.outcome,
        [ATTR_PROPAGATION_TRACEPARENT]: evidence(traceparent.header),
      }
  }
}

/** A stranger wrote it, and everyone who reads traces will see it: short, and harmless to print. */
function evidence(header: string): string {
  const shown = header.length > MAX_EVIDENCE ? `${header.slice(0, MAX_EVIDENCE - 3)}...` : header
  return shown.replace(/[^ -~]/g, '?')
}
