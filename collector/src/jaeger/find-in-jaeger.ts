import type { PartialReason, TraceSummary } from '@pingtrace/otlp'
import type { JaegerClient, JaegerSummary } from './jaeger-client.ts'
import type { JaegerQuery } from './translate-query.ts'

/** Jaeger wants a time, and its storages are laid out by it: without one it is its page's usual. */
const usualNano = 3_600_000_000_000n

export interface FoundInJaeger {
  traces: TraceSummary[]
  examined: number
  partial?: PartialReason
}

/** @param range nanoseconds since the Unix epoch; the last hour where there is none */
export async function findInJaeger(
  jaeger: JaegerClient,
  query: JaegerQuery,
  range: { start: bigint | undefined; end: bigint | undefined },
  limit: number,
  signal: AbortSignal,
): Promise<FoundInJaeger> {
  const end = range.end ?? BigInt(Date.now()) * 1_000_000n
  const start = range.start ?? end - usualNano
  const found = await jaeger.summaries(parametersOf(query, start, end, limit), signal)
  const traces = found
    .filter((summary) => !query.isOfRoot || isOfRoot(summary, query))
    .map(summaryOf)
    .sort((a, b) => b.arrivedAt - a.arrivedAt)
  const partial = found.length >= limit && ({ partial: 'limit' } as const)
  return { traces, examined: found.length, ...partial }
}

function parametersOf(
  { service, operation, durationMin, durationMax, attributes }: JaegerQuery,
  start: bigint,
  end: bigint,
  limit: number,
): Record<string, string> {
  return {
    'query.startTimeMin': rfc3339(start),
    'query.startTimeMax': rfc3339(end),
    'query.searchDepth': String(limit),
    ...(service !== undefined && { 'query.serviceName': service }),
    ...(operation !== undefined && { 'query.operationName': operation }),
    ...(durationMin !== undefined && { 'query.durationMin': `${durationMin}ns` }),
    ...(durationMax !== undefined && { 'query.durationMax': `${durationMax}ns` }),
    ...(attributes.size > 0 && {
      'query.attributes': JSON.stringify(Object.fromEntries(attributes)),
    }),
  }
}

function isOfRoot(summary: JaegerSummary, { service, operation }: JaegerQuery): boolean {
  const { rootServiceName, rootOperationName } = summary
  return (
    (service === undefined || service === rootServiceName) &&
    (operation === undefined || operation === rootOperationName)
  )
}

/** Jaeger does not know when spans arrived: the end of the trace, by its senders, stands for it. */
function summaryOf(summary: JaegerSummary): TraceSummary {
  const { rootServiceName = '', rootOperationName = '', services = [] } = summary
  const start = BigInt(summary.minStartTimeUnixNano ?? 0)
  const end = BigInt(summary.maxEndTimeUnixNano ?? 0)
  return {
    traceId: summary.traceId,
    name: rootOperationName,
    service: rootServiceName || (services[0]?.name ?? ''),
    hasRoot: rootOperationName !== '',
    services: services.map(({ name = '' }) => name),
    spanCount: summary.spanCount ?? 0,
    errorCount: summary.errorSpanCount ?? 0,
    startTimeUnixNano: String(start),
    durationNano: String(end > start ? end - start : 0n),
    arrivedAt: Number(end / 1_000_000n),
  }
}

function rfc3339(nanos: bigint): string {
  const fraction = String(nanos % 1_000_000_000n).padStart(9, '0')
  const seconds = new Date(Number(nanos / 1_000_000_000n) * 1_000).toISOString().slice(0, 19)
  return `${seconds}.${fraction}Z`
}
