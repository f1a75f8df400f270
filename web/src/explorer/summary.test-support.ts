import type { TraceSummary } from '@pingtrace/otlp'

/** What the collector says of a trace, as far as a test cares. */
export function summary(
  traceId: string,
  arrivedAt: number,
  rest: Partial<TraceSummary> = {},
): TraceSummary {
  return {
    traceId,
    name: 'place order',
    service: 'shop',
    hasRoot: true,
    services: ['shop'],
    spanCount: 1,
    errorCount: 0,
    startTimeUnixNano: '1',
    durationNano: '1',
    arrivedAt,
    ...rest,
  }
}

export const idsOf = (traces: readonly TraceSummary[]): string[] =>
  traces.map(({ traceId }) => traceId)
