import type { TraceSummary } from '@pingtrace/otlp'
import type { TraceTree } from '@pingtrace/trace-tree'
import { traceShape } from '@pingtrace/trace-views'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { earlierTraces, readStoredTrace } from './earlier-traces.ts'

/** Read to find one of the same shape, at most. */
const maxRead = 10
/** And no more than so many spans of them together. */
const maxSpans = 100_000

/** Why it is this trace that is compared with. */
export type Choice = 'shape' | 'operation' | 'asked'

export interface Other {
  traceId: string
  tree: TraceTree
  choice: Choice
  sameShape: boolean
}

export interface ComparisonState {
  /** Traces of the same operation that arrived before, newest first. */
  earlier: TraceSummary[]
  /** Undefined while it is looked for, and when there is none. */
  other: Other | undefined
  /** Whether the trace itself is stored; if not, nothing can have arrived before it. */
  stored: boolean
  /** How many of the earlier ones were read to find one of the same shape. */
  read: number
  /** Why there is none; undefined while it is looked for. */
  problem: string | undefined
}

export interface ComparisonStore extends StoreApi<ComparisonState> {
  /**
   * Finds what to compare a trace with. What was found for it before stays until then.
   * @param otherId the trace that somebody chose; else the one before it of the same operation and
   * shape, and where there is none, of the same operation
   */
  find(trace: { traceId: string; tree: TraceTree }, otherId: string | undefined): void
  stop(): void
}

const nothing: ComparisonState = {
  earlier: [],
  other: undefined,
  stored: true,
  read: 0,
  problem: undefined,
}

/**
 * @param queryUrl the collector's query endpoint
 * @param atHand a trace that need not be asked for
 */
export function createComparison(
  queryUrl: string,
  atHand: (traceId: string) => TraceTree | undefined = () => undefined,
): ComparisonStore {
  const store = createStore<ComparisonState>(() => nothing)
  let running = new AbortController()

  async function look(
    trace: { traceId: string; tree: TraceTree },
    otherId: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const shape = traceShape(trace.tree)
    const read = async (traceId: string) => {
      const tree = atHand(traceId) ?? (await readStoredTrace(queryUrl, traceId, signal))
      return { traceId, tree, sameShape: traceShape(tree) === shape }
    }
    const { traces: earlier, stored } = await earlierTraces(queryUrl, trace, signal)
    if (otherId !== undefined) {
      const other: Other = { ...(await read(otherId)), choice: 'asked' }
      if (!signal.aborted) store.setState({ earlier, other, stored, read: 1, problem: undefined })
      return
    }
    let previous: Other | undefined
    let spans = 0
    let count = 0
    for (const { traceId, spanCount } of earlier.slice(0, maxRead)) {
      spans += spanCount
      if (count > 0 && spans > maxSpans) break
      const found = await read(traceId)
      count++
      previous ??= { ...found, choice: 'operation' }
      if (!found.sameShape) continue
      previous = { ...found, choice: 'shape' }
      break
    }
    if (signal.aborted) return
    const problem =
      previous === undefined ? 'No earlier trace of this operation is stored.' : undefined
    store.setState({ earlier, other: previous, stored, read: count, problem })
  }

  return {
    ...store,
    find: (trace, otherId) => {
      running.abort()
      running = new AbortController()
      const { signal } = running
      look(trace, otherId, signal).catch((error: unknown) => {
        if (signal.aborted) return
        const why = error instanceof Error ? error.message : String(error)
        store.setState({ ...nothing, problem: `It could not be read: ${why}.` })
      })
    },
    stop: () => running.abort(),
  }
}
