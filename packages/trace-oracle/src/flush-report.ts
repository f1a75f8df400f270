/**
 * What a flush hook answers: it exports the spans that have ended, and then tells of each trace what
 * became of its spans since the process began. `POST <hook>?traceId=<id>&traceId=<id>` asks about
 * these traces alone; in a page it is `pingtrace.flush([id, id])`.
 */
export interface FlushReport {
  /** By trace id, in hex. A trace that is not named has no spans here. */
  traces: Record<string, SpanFates>
}

/** What became of the spans that one process has started in one trace. */
export interface SpanFates {
  /** The ids of those that a collector has acknowledged. */
  exported: string[]
  /** How many will not arrive. */
  dropped: number
  /** How many have no fate yet: still running, or waiting for the collector. */
  open: number
}

/** @throws Error that says what is wrong with it; hooks are other people's code */
export function readFlushReport(answer: unknown): FlushReport {
  const { traces } = (answer ?? {}) as Partial<FlushReport>
  if (typeof traces !== 'object' || traces === null) throw new Error('it has no "traces"')
  for (const [traceId, fates] of Object.entries(traces)) {
    const { exported, dropped, open } = (fates ?? {}) as Partial<SpanFates>
    const isWhole =
      Array.isArray(exported) &&
      exported.every((id) => typeof id === 'string') &&
      typeof dropped === 'number' &&
      typeof open === 'number'
    if (!isWhole) {
      throw new Error(`trace ${traceId} must have "exported" (span ids), "dropped" and "open"`)
    }
  }
  return { traces }
}
