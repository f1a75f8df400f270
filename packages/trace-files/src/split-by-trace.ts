import type { ResourceSpans, ScopeSpans, TracesData } from '@pingtrace/otlp'
import { maxSpans } from './limits.ts'
import { TraceFileError } from './trace-file-error.ts'

/**
 * The spans of each trace, with their resources and scopes, by trace id.
 * @throws TraceFileError when they are too many
 */
export function splitByTrace({ resourceSpans = [] }: TracesData): Map<string, TracesData> {
  const traces = new Map<string, { resourceSpans: ResourceSpans[] }>()
  let count = 0
  for (const { scopeSpans = [], ...resource } of resourceSpans) {
    const resources = new Map<string, ScopeSpans[]>()
    for (const { spans = [], ...scope } of scopeSpans) {
      const scopes = new Map<string, ScopeSpans['spans']>()
      for (const span of spans) {
        const traceId = span.traceId ?? ''
        if (++count > maxSpans) throw new TraceFileError(`It has over ${maxSpans} spans.`)
        let ofResource = resources.get(traceId)
        if (ofResource === undefined) {
          ofResource = []
          resources.set(traceId, ofResource)
          const trace = traces.get(traceId) ?? { resourceSpans: [] }
          traces.set(traceId, trace)
          trace.resourceSpans.push({ ...resource, scopeSpans: ofResource })
        }
        let ofScope = scopes.get(traceId)
        if (ofScope === undefined) {
          ofScope = []
          scopes.set(traceId, ofScope)
          ofResource.push({ ...scope, spans: ofScope })
        }
        ofScope.push(span)
      }
    }
  }
  return traces
}
