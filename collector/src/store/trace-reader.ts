import type { TracesData } from '@pingtrace/otlp'
import type { StoredSpan } from './span-reader.ts'
import { spansOf } from './trace-spans.ts'
import type { IndexedTrace } from './trace-summary.ts'

/** Part of what came after a cursor, and the cursor to go on from. */
export interface Page<T> {
  content: T
  next: number
}

/** What a trace is read from. */
export interface TraceSource {
  /** The cursors before and after everything that is stored. */
  readonly start: number
  readonly end: number
  find(traceId: string): IndexedTrace | undefined
  read(spans: readonly StoredSpan[]): TracesData
  /** The same as protobuf, with the bytes that are stored. */
  readBytes(spans: readonly StoredSpan[]): Uint8Array
  /** Lets go of the record that was read last: who goes on soon would need it again. */
  forget(): void
}

/** Retention has overtaken the reader: what it has got is not all that there was, and never will be. */
export class SpansGoneError extends Error {
  override name = 'SpansGoneError'
}

/** Follows a trace page by page, without looking at what it has read again. */
export class TraceReader {
  readonly #source: TraceSource
  readonly #traceId: string
  #spans: Iterator<StoredSpan>
  /** Where the walk that goes on ends. */
  #end: number
  #next: StoredSpan | undefined

  /** @param traceId 32 hex digits; a trace that is not known has no spans yet */
  constructor(source: TraceSource, traceId: string, after: number) {
    this.#source = source
    this.#traceId = traceId
    this.#end = source.end
    this.#spans = this.#walk(after)
    this.#next = this.#take()
  }

  /**
   * What comes next, about `maxBytes` of it (as it is stored): a page ends between records, since a
   * cursor cannot point into one.
   */
  page(maxBytes: number): Page<TracesData> {
    return this.#page(maxBytes, (spans) => this.#source.read(spans))
  }

  /** The same page as protobuf (TracesData), which costs next to nothing; empty without spans. */
  pageOfBytes(maxBytes: number): Page<Uint8Array> {
    return this.#page(maxBytes, (spans) => this.#source.readBytes(spans))
  }

  #page<T>(maxBytes: number, read: (spans: readonly StoredSpan[]) => T): Page<T> {
    const spans: StoredSpan[] = []
    let bytes = 0
    let next = this.#next ?? this.#take()
    while (next && (bytes < maxBytes || next.record === spans.at(-1)?.record)) {
      spans.push(next)
      bytes += next.length
      next = this.#take()
    }
    this.#next = next
    const content = read(spans)
    this.#source.forget()
    return { content, next: next?.record ?? this.#end }
  }

  #take(): StoredSpan | undefined {
    for (;;) {
      const { value, done } = this.#spans.next()
      if (!done && value.record < this.#end) return value
      if (this.#end === this.#source.end) return undefined
      // What arrived while the pages before were read.
      const after = this.#end
      this.#end = this.#source.end
      this.#spans = this.#walk(after)
    }
  }

  #walk(after: number): Iterator<StoredSpan> {
    const trace = this.#source.find(this.#traceId)
    return trace === undefined ? [].values() : spansOf(trace, after)
  }
}

/**
 * All spans of traces, one after the other, in parts of about `partBytes` (as they are stored): of each
 * what has arrived when its turn comes.
 * @param traceIds 32 hex digits each; those that are not known have no parts
 * @throws SpansGoneError
 */
export function* readInParts(
  source: TraceSource,
  traceIds: Iterable<string>,
  partBytes: number,
): Generator<TracesData, void> {
  try {
    for (const traceId of traceIds) yield* partsOf(source, source.find(traceId) ?? [], partBytes)
  } finally {
    source.forget()
  }
}

function* partsOf(source: TraceSource, trace: IndexedTrace, partBytes: number) {
  const { end } = source
  let part: StoredSpan[] = []
  let bytes = 0
  for (const span of spansOf(trace, 0)) {
    if (span.record >= end) break
    part.push(span)
    bytes += span.length
    if (bytes < partBytes) continue
    yield* readable(source.read(part))
    if (source.start > span.record) throw new SpansGoneError('retention overtook the reader')
    part = []
    bytes = 0
  }
  yield* readable(source.read(part))
}

/** What is damaged has no spans. */
function* readable(spans: TracesData): Generator<TracesData, void> {
  if (spans.resourceSpans?.length) yield spans
}
