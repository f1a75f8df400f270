import { readSpans, type TraceSummary, type TracesData } from '@pingtrace/otlp'
import { isBrowser, measureClocks } from '@pingtrace/trace-facts'
import { buildTraceTree } from '@pingtrace/trace-tree'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { formatRough } from './format.ts'
import { fetchQuery } from './query-token.ts'
import { titleSpan } from './trace-title.ts'

/** What is the matter with the clocks of listed traces, by their ids: `browser clock −8 h`. */
export type ClockNotes = ReadonlyMap<string, string>

export interface ClockNotesStore extends StoreApi<ClockNotes> {
  /** Looks at those of these traces that seem to have wrong times, one after the other. */
  look(traces: readonly TraceSummary[]): void
}

/**
 * No list is the place for small differences; and spans come later than they end, batched by 5 s
 * and more.
 */
const aheadMs = 1_000
const behindMs = 15_000
/** Larger traces are not fetched for a badge. */
const maxSpans = 1_000
/** Traces remembered: more than any list draws. */
const maxNotes = 1_000

/**
 * Whether times and arrival disagree: a trace that ends after it arrived, or began long before. Most of
 * the latter only took long, or were sent late; its spans can tell.
 */
export function seemsSkewed(trace: TraceSummary): boolean {
  const start = Number(trace.startTimeUnixNano) / 1e6
  const end = start + Number(trace.durationNano) / 1e6
  return start > 0 && (end - trace.arrivedAt > aheadMs || trace.arrivedAt - start > behindMs)
}

/** @param queryUrl the collector's query endpoint */
export function createClockNotes(queryUrl: string): ClockNotesStore {
  const store = createStore<ClockNotes>(() => new Map())
  /** How many spans each trace had when it was looked at. */
  const seen = new Map<string, number>()
  let waiting: TraceSummary[] = []
  let isLooking = false

  async function lookAtAll(): Promise<void> {
    isLooking = true
    for (let trace = waiting.shift(); trace !== undefined; trace = waiting.shift()) {
      seen.set(trace.traceId, trace.spanCount)
      const note = await noteOn(queryUrl, trace)
      if (note === store.getState().get(trace.traceId)) continue
      const others = [...store.getState()].filter(([id]) => id !== trace?.traceId)
      const notes = note === undefined ? others : [...others, [trace.traceId, note] as const]
      store.setState(new Map(notes.slice(-maxNotes)), true)
    }
    isLooking = false
  }

  return {
    ...store,
    look: (traces) => {
      waiting = traces.filter(
        (trace) => seen.get(trace.traceId) !== trace.spanCount && seemsSkewed(trace),
      )
      if (seen.size > 10 * maxNotes) seen.clear()
      if (!isLooking) void lookAtAll()
    },
  }
}

async function noteOn(queryUrl: string, trace: TraceSummary): Promise<string | undefined> {
  if (trace.spanCount > maxSpans) return undefined
  try {
    const response = await fetchQuery(`${queryUrl}/api/v3/traces/${trace.traceId}`)
    if (!response.ok) return undefined
    const { result } = (await response.json()) as { result: TracesData }
    return clockNote(result, trace.arrivedAt)
  } catch {
    // The list says itself that the collector is away; a badge can wait for the next arrival.
    return undefined
  }
}

/**
 * What the spans of a trace say of its clocks, short enough for a badge; undefined when nothing is the
 * matter.
 * @param arrivedAt milliseconds since the Unix epoch, by the collector's clock
 */
export function clockNote(spans: TracesData, arrivedAt: number): string | undefined {
  const tree = buildTraceTree(readSpans(spans))
  const { skewed } = measureClocks(tree)
  const [worst] = skewed.toSorted((a, b) => Number(size(b.offset) - size(a.offset)))
  if (worst !== undefined) {
    const whose = worst.isBrowser ? 'browser' : worst.service
    return `${whose} clock ${signed(worst.offset)}`
  }
  const root = titleSpan(tree)
  const ahead = tree.end - BigInt(arrivedAt) * 1_000_000n
  if (ahead > BigInt(aheadMs) * 1_000_000n) return `clock ${signed(ahead)}`
  // Of one clock alone nobody can tell whether it is late, or what it says came late: but servers'
  // clocks are seldom late.
  if (root === undefined || !isBrowser(root) || -ahead < BigInt(behindMs) * 1_000_000n) {
    return undefined
  }
  return `browser clock ${signed(ahead)}, or sent late`
}

function signed(nanos: bigint): string {
  return `${nanos < 0n ? '−' : '+'}${formatRough(size(nanos))}`
}

function size(nanos: bigint): bigint {
  return nanos < 0n ? -nanos : nanos
}
