import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PartialReason } from '@pingtrace/otlp'
import type { Matcher } from '@pingtrace/traceql'
import { IndexedSpan, IndexTexts, spansIn, TraceFacts } from './indexed-span.ts'
import { Needles } from './needles.ts'
import { ReadRecords } from './read-records.ts'
import type { SegmentIndex } from './segment-index.ts'
import type { TraceIndex } from './trace-index.ts'
import { type IndexedTrace, timesOf } from './trace-summary.ts'
import { walkTraces } from './trace-walk.ts'

export interface TraceqlSearch {
  matcher: Matcher
  /** Nanoseconds since the Unix epoch: the trace must have been going on between them. */
  start: bigint | undefined
  end: bigint | undefined
  /** At most this many traces are found. */
  limit: number
}

/** So that no question can take the collector away from its senders, or run for nobody. */
export const traceqlLimits = {
  traces: 1_000_000,
  /** Milliseconds. */
  time: 10_000,
  /** Of records that are read. */
  readBytes: 1024 * 1024 * 1024,
  /** Milliseconds of searching before others get their turn. */
  turn: 10,
  /** Spans of a trace that are named in the answer; it has the count of them all. */
  spanIds: 100,
}

export interface TraceqlFindings {
  found: { id: Buffer; matchedCount: number; matchedSpanIds: string[] }[]
  /** How many traces were looked at. */
  examined: number
  /** Why there may be more; undefined when everything was looked at. */
  partial: PartialReason | undefined
}

/** A span in the index. */
export interface SpanPlace {
  index: SegmentIndex
  row: number
}

/** Told of a trace that a query matches, and of the spans that it selects; what takes long yields. */
type VisitMatch = (trace: IndexedTrace, selected: readonly SpanPlace[]) => Iterable<void>

/** So many spans are looked at in the index between two looks at the clock. */
const spansBetweenClocks = 256

/**
 * Finds the traces that a query matches, those that arrived last in front. Of each trace the index
 * is asked first whether it can match at all; only then spans are read, and of those only the ones
 * that the index does not decide and whose bytes contain the texts that the query needs.
 */
export class TraceqlSearcher {
  readonly #index: TraceIndex
  readonly #records: ReadRecords
  readonly #search: TraceqlSearch
  readonly #limits: typeof traceqlLimits
  readonly #isStopped: () => boolean
  /** What the bytes of a span must contain to fit a filter. */
  readonly #needles: readonly Needles[]
  readonly #hasTexts: boolean
  readonly #texts = new IndexTexts()
  readonly #found: TraceqlFindings['found'] = []
  #visit: VisitMatch | undefined
  readonly #deadline: number
  #turnEnds: number
  #steps = 0
  #examined = 0
  #partial: PartialReason | undefined

  /**
   * @param readPayload of a record; undefined when it cannot be read any more
   * @param isStopped is asked at every turn, and ends the search early
   */
  constructor(
    index: TraceIndex,
    readPayload: (record: number) => Uint8Array | undefined,
    search: TraceqlSearch,
    isStopped = () => false,
    limits = traceqlLimits,
  ) {
    this.#index = index
    this.#records = new ReadRecords(readPayload)
    this.#search = search
    this.#isStopped = isStopped
    this.#limits = limits
    const { filters } = search.matcher
    this.#needles = filters.map(({ texts }) => new Needles(texts))
    this.#hasTexts = filters.some(({ texts }) => texts.length > 0)
    const now = performance.now()
    this.#deadline = now + limits.time
    this.#turnEnds = now + limits.turn
  }

  /**
   * To be called once.
   * @param visit is told of each match, instead of noting it in the answer
   */
  async run(visit?: VisitMatch): Promise<TraceqlFindings> {
    this.#visit = visit
    // It yields when its turn is over.
    for (const _ of this.#walk()) {
      await nextTurn()
      const now = performance.now()
      this.#turnEnds = now + this.#limits.turn
      if (this.#isStopped()) this.#partial = 'stopped'
      else if (now > this.#deadline) this.#partial = 'time'
      else if (this.#records.bytes > this.#limits.readBytes) this.#partial = 'bytes'
      if (this.#partial !== undefined) break
    }
    return { found: this.#found, examined: this.#examined, partial: this.#partial }
  }

  *#walk(): Generator<void> {
    for (const trace of walkTraces(this.#index, () => this.#isTurnOver(spansBetweenClocks))) {
      if (trace === undefined) yield
      if (trace === undefined || !isGoingOn(trace, this.#search)) continue
      if (this.#examined === this.#limits.traces) {
        this.#partial = 'traces'
        return
      }
      this.#examined++
      yield* this.#examine(trace)
      if (this.#found.length < this.#search.limit) continue
      this.#partial = 'limit'
      return
    }
  }

  *#examine(trace: IndexedTrace): Generator<void> {
    const { matcher } = this.#search
    const facts = new TraceFacts(trace)
    if (!(yield* this.#canMatch(trace, facts, this.#isExcluded, spansBetweenClocks))) return
    if (this.#hasTexts && !(yield* this.#canMatch(trace, facts, this.#lacksText, 1))) return
    const places = [...spansIn(trace)].reverse()
    const spans = places.map(({ index, row }) => new IndexedSpan(facts, this.#texts, index, row))
    const hits = matcher.filters.map(() => new Uint8Array(spans.length))
    for (const [i, span] of spans.entries()) {
      if (this.#isTurnOver(1)) yield
      this.#test(span, i, hits)
    }
    const rows = matcher.select(spans, hits)
    if (rows.length === 0) return
    if (this.#visit !== undefined) {
      yield* this.#visit(
        trace,
        rows.map((each) => places[each]!),
      )
      return
    }
    const { index, row } = trace[0]!
    const named = rows.slice(0, this.#limits.spanIds)
    this.#found.push({
      id: index.traces.id(row),
      matchedCount: rows.length,
      matchedSpanIds: named.map((each) => spans[each]!.spanId),
    })
  }

  /** Counts for each filter the spans that are not ruled out, and asks the query about that. */
  *#canMatch(
    trace: IndexedTrace,
    facts: TraceFacts,
    isRuledOut: (span: IndexedSpan, filter: number) => boolean,
    betweenClocks: number,
  ): Generator<void, boolean> {
    const { matcher } = this.#search
    const counts = matcher.filters.map(() => 0)
    const { index: first, row: firstRow } = trace[0]!
    const span = new IndexedSpan(facts, this.#texts, first, first.traces.lastSpan.get(firstRow))
    let total = 0
    // Not by spansIn: this is where all the time goes when nothing matches.
    for (const { index, row: traceRow } of trace) {
      let row = index.traces.lastSpan.get(traceRow)
      for (; row !== -1; row = index.spans.previous.get(row)) {
        if (this.#isTurnOver(betweenClocks)) yield
        span.moveTo(index, row)
        for (let f = 0; f < counts.length; f++) if (!isRuledOut(span, f)) counts[f]!++
        total++
      }
    }
    return matcher.canMatch(total, counts)
  }

  /** By the index alone. */
  readonly #isExcluded = (span: IndexedSpan, f: number): boolean =>
    this.#search.matcher.filters[f]!.test(span) === false

  /** By the index, or else by a look at the bytes. */
  readonly #lacksText = (span: IndexedSpan, f: number): boolean => {
    const truth = this.#search.matcher.filters[f]!.test(span)
    return truth === undefined ? !span.mayContain(this.#records, this.#needles[f]!) : !truth
  }

  /** Notes which filters a span fits, and keeps what of it is summed up. */
  #test(span: IndexedSpan, i: number, hits: readonly Uint8Array[]): void {
    const { filters, aggregated } = this.#search.matcher
    let fitsAny = filters.length === 0
    for (const [f, { test }] of filters.entries()) {
      let truth = test(span)
      const isOpen = truth === undefined && span.mayContain(this.#records, this.#needles[f]!)
      if (isOpen && span.open(this.#records)) truth = test(span)
      if (truth !== true) continue
      hits[f]![i] = 1
      fitsAny = true
    }
    const isNeeded = fitsAny && aggregated.length > 0
    if (isNeeded) span.open(this.#records)
    span.close(isNeeded ? aggregated : [])
  }

  #isTurnOver(every: number): boolean {
    return ++this.#steps % every === 0 && performance.now() > this.#turnEnds
  }
}

/** Whether a trace was going on between two times, nanoseconds since the Unix epoch. */
export function isGoingOn(
  trace: IndexedTrace,
  { start, end }: Pick<TraceqlSearch, 'start' | 'end'>,
): boolean {
  if (start === undefined && end === undefined) return true
  const times = timesOf(trace)
  return (start === undefined || times.end >= start) && (end === undefined || times.start <= end)
}
