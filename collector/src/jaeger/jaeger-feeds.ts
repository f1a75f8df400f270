import { createHash } from 'node:crypto'
import type { ArrivedSpans, ResourceSpans, TraceSummary, TracesData } from '@pingtrace/otlp'
import { findInJaeger } from './find-in-jaeger.ts'
import { type JaegerClient, traceOf } from './jaeger-client.ts'

/** As many as the collector's own stream begins with. */
const listed = 50

/** What is asked of Jaeger again and again, in place of a stream, which it does not have. */
export interface PolledFeed {
  /** The name of its events. */
  readonly event: string
  /** What is new since the last time; undefined when nothing is. The first is there, even if empty. */
  poll(signal: AbortSignal): Promise<object | undefined>
}

/** The traces that ended last, of the last hour. */
export function tracesFeed(jaeger: JaegerClient): PolledFeed {
  let known: Map<string, string> | undefined
  return {
    event: 'traces',
    poll: async (signal) => {
      const everything = { attributes: new Map<string, string>(), isOfRoot: false }
      const range = { start: undefined, end: undefined }
      const { traces } = await findInJaeger(jaeger, everything, range, listed, signal)
      const before = known
      known = new Map(traces.map((trace) => [trace.traceId, JSON.stringify(trace)]))
      const isNew = (trace: TraceSummary) => before?.get(trace.traceId) !== JSON.stringify(trace)
      const changed = traces.filter(isNew)
      return before !== undefined && changed.length === 0 ? undefined : { traces: changed }
    },
  }
}

/** The spans of a trace, and then those that came. */
export function spansFeed(jaeger: JaegerClient, traceId: string): PolledFeed {
  const known = new Set<string>()
  let seen: string | undefined
  return {
    event: 'spans',
    poll: async (signal) => {
      const body = (await jaeger.readTrace(traceId, signal)) ?? Buffer.from('{}')
      const digest = createHash('sha256').update(body).digest('base64')
      if (digest === seen) return undefined
      const isFirst = seen === undefined
      seen = digest
      const { resourceSpans = [] } = newSpans(traceOf(body), known)
      if (!isFirst && resourceSpans.length === 0) return undefined
      const quietForMs = isFirst ? quietOf(resourceSpans) : 0
      return { resourceSpans, quietForMs } satisfies ArrivedSpans
    },
  }
}

/** Without those that are known, which it adds to. */
function newSpans({ resourceSpans = [] }: TracesData, known: Set<string>): TracesData {
  const isNew = (key: string) => !known.has(key) && known.add(key) !== undefined
  const fresh = resourceSpans.map((resource) => ({
    ...resource,
    scopeSpans: (resource.scopeSpans ?? []).map((scope) => ({
      ...scope,
      spans: (scope.spans ?? []).filter(({ spanId, kind, name, startTimeUnixNano }) =>
        isNew(JSON.stringify([spanId, kind, name, startTimeUnixNano])),
      ),
    })),
  }))
  return {
    resourceSpans: fresh.filter(({ scopeSpans }) => scopeSpans.some(({ spans }) => spans.length)),
  }
}

/** When spans arrived is not known: at the earliest when the last one had ended, by its sender. */
function quietOf(resourceSpans: ResourceSpans[]): number {
  let last = 0n
  for (const { scopeSpans = [] } of resourceSpans) {
    for (const { spans = [] } of scopeSpans) {
      for (const { endTimeUnixNano = 0 } of spans) {
        const end = BigInt(endTimeUnixNano)
        if (end > last) last = end
      }
    }
  }
  return last === 0n ? 0 : Math.max(0, Date.now() - Number(last / 1_000_000n))
}
