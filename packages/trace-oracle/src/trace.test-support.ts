import type { KeyValue, OtlpSpan, TracesData } from '@pingtrace/otlp'
import { Trace } from './trace.ts'
import type { Verdict } from './verdict.ts'

export const traceId = '0af7651916cd43dd8448eb211c80319c'
export const ownId = '00000000000000ff'

export interface Told {
  id: string
  /** The test's own span, when left out. */
  parent?: string
  name: string
  service?: string
  kind?: number
  /** Milliseconds since the trace began. */
  from?: number
  to?: number
  attributes?: KeyValue[]
  error?: string
}

/** OTLP of spans told in a few words; the trace begins now. */
export function otlp(told: readonly Told[], of = traceId): TracesData {
  const began = BigInt(Date.now()) * 1_000_000n
  return {
    resourceSpans: told.map(({ service = 'shop', ...span }) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [{ spans: [toSpan(span, of, began)] }],
    })),
  }
}

function toSpan(told: Omit<Told, 'service'>, of: string, began: bigint): OtlpSpan {
  const { id, parent = ownId, name, kind = 1, from = 0, to = from + 1, attributes, error } = told
  const nanos = (ms: number) => String(began + BigInt(ms * 1e6))
  return {
    traceId: of,
    spanId: id.padStart(16, '0'),
    ...(parent !== '' && { parentSpanId: parent.padStart(16, '0') }),
    name,
    kind,
    startTimeUnixNano: nanos(from),
    endTimeUnixNano: nanos(to),
    ...(attributes && { attributes }),
    ...(error !== undefined && { status: { code: 2, message: error } }),
  }
}

/** What an action that is over has caused. */
export function traceOf(told: readonly Told[], verdict: Verdict = { kind: 'exact' }): Trace {
  const collector = { urlOf: (id: string) => `http://localhost:16686/?trace=${id}` }
  const data = [otlp(told)]
  const ownIds = new Set([ownId])
  return new Trace({ name: 'buy', traceIds: [traceId], ownIds, data, verdict, collector })
}
