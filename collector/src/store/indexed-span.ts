import { type AttributeValue, type Span, spanKinds, statusCodes } from '@pingtrace/otlp'
import { type AttributeField, type Field, type QuerySpan, spanValues } from '@pingtrace/traceql'
import type { Needles } from './needles.ts'
import type { ReadRecord, ReadRecords } from './read-records.ts'
import type { SegmentIndex } from './segment-index.ts'
import { maxTextBytes } from './strings.ts'
import { type IndexedTrace, idOf, timesOf, titleOf } from './trace-summary.ts'

type Values = readonly AttributeValue[] | undefined

/** Span.SpanKind and Status.StatusCode of trace.proto, by number. */
const kinds = spanKinds.map(list)
const statuses = statusCodes.map(list)

/**
 * A span as a query looks at it: what the index has is known at once, all else when it is opened.
 * Unopened, it can be moved from one span to the next, so that a look at the index alone allocates nothing.
 */
export class IndexedSpan implements QuerySpan {
  readonly #trace: TraceFacts
  readonly #texts: IndexTexts
  #index: SegmentIndex
  #row: number
  #source: ReadRecord | undefined
  #whole: Span | undefined
  #kept: Map<Field, Values> | undefined

  constructor(trace: TraceFacts, texts: IndexTexts, index: SegmentIndex, row: number) {
    this.#trace = trace
    this.#texts = texts
    this.#index = index
    this.#row = row
  }

  moveTo(index: SegmentIndex, row: number): void {
    this.#index = index
    this.#row = row
  }

  get spanId(): string {
    return this.#index.spans.id(this.#row)
  }

  get parentSpanId(): string | undefined {
    return this.#index.spans.parentId(this.#row)
  }

  /** Whether the bytes of the span contain all texts: false is sure. */
  mayContain(records: ReadRecords, needles: Needles): boolean {
    const { record, offset } = this.#index.spans
    const read = records.get(record.get(this.#row))
    return read?.mayContain(needles, offset.get(this.#row)) ?? false
  }

  /** Makes all values known, each to be read when it is asked for; whether that was possible. */
  open(records: ReadRecords): boolean {
    this.#source ??= records.get(this.#index.spans.record.get(this.#row))
    return this.#source !== undefined
  }

  /** Lets go of what `open` read, except for these fields. */
  close(kept: readonly Field[] = []): void {
    if (kept.length > 0) this.#kept = new Map(kept.map((field) => [field, this.values(field)]))
    this.#source = undefined
    this.#whole = undefined
  }

  values(field: Field): Values {
    return this.#indexed(field) ?? this.#kept?.get(field) ?? this.#read(field)
  }

  /** Only the attribute that is asked for: to decode the whole span takes ten times as long. */
  #read(field: Field): Values {
    if (this.#source === undefined) return undefined
    const offset = this.#index.spans.offset.get(this.#row)
    const key = field.kind === 'attribute' ? keyOf(field) : undefined
    if (field.kind === 'attribute' && key !== undefined) {
      if (field.scope === 'span' || field.scope === 'any') {
        const value = this.#source.attribute(offset, 'span', key)
        if (value !== null || field.scope === 'span') return value === null ? [] : [value]
      }
      // Its absence has a meaning; see spanValues.
      const isService = field.name === 'service.name'
      if ((field.scope === 'resource' || field.scope === 'any') && !isService) {
        const value = this.#source.attribute(offset, 'resource', key)
        return value === null ? [] : [value]
      }
    }
    this.#whole ??= this.#source.span(offset)
    return spanValues(this.#whole, field)
  }

  #indexed(field: Field): Values {
    const { spans } = this.#index
    if (field.kind === 'attribute') {
      const isService = field.scope === 'resource' && field.name === 'service.name'
      return isService ? this.#texts.get(this.#index, spans.service.get(this.#row)) : undefined
    }
    switch (field.name) {
      case 'name':
        return this.#texts.get(this.#index, spans.name.get(this.#row))
      case 'kind':
        return kinds[spans.kind(this.#row)]
      case 'status':
        return statuses[spans.status(this.#row)]
      case 'duration': {
        const duration = spans.duration(this.#row)
        return Number.isSafeInteger(duration) ? [duration] : undefined
      }
      case 'span:id':
        return [this.spanId]
      case 'span:parentID':
        return [this.parentSpanId ?? '']
      case 'span:childCount':
        return [this.#trace.childCount(this.spanId)]
      case 'trace:id':
        return this.#trace.id
      case 'trace:duration':
        return this.#trace.duration
      case 'trace:rootName':
        return this.#trace.rootName
      case 'trace:rootService':
        return this.#trace.rootService
      default:
        return undefined
    }
  }
}

/** What all spans of a trace have in common, looked up when it is first asked for. */
export class TraceFacts {
  readonly #parts: IndexedTrace
  #id: Values
  #duration: Values
  #root: { name: Values; service: Values } | undefined
  #children: Map<string, number> | undefined

  constructor(parts: IndexedTrace) {
    this.#parts = parts
  }

  get id(): Values {
    this.#id ??= [idOf(this.#parts)]
    return this.#id
  }

  get duration(): Values {
    if (this.#duration === undefined) {
      const { start, end } = timesOf(this.#parts)
      this.#duration = [end > start ? end - start : 0n]
    }
    return this.#duration
  }

  get rootName(): Values {
    return this.#rootTexts().name
  }

  get rootService(): Values {
    return this.#rootTexts().service
  }

  childCount(spanId: string): number {
    if (this.#children === undefined) {
      this.#children = new Map()
      for (const { index, row } of spansIn(this.#parts)) {
        const parent = index.spans.parentId(row)
        if (parent !== undefined) this.#children.set(parent, (this.#children.get(parent) ?? 0) + 1)
      }
    }
    return this.#children.get(spanId) ?? 0
  }

  /** As lists show them: a name that the index cut stays cut. None where no root has arrived. */
  #rootTexts() {
    if (this.#root === undefined) {
      const { index, span } = titleOf(this.#parts)
      const { spans, strings } = index
      const isRoot = !spans.hasParent(span)
      this.#root = {
        name: isRoot ? [strings.text(spans.name.get(span))] : [],
        service: isRoot ? [strings.text(spans.service.get(span))] : [],
      }
    }
    return this.#root
  }
}

/** Texts of the index, each made once in a search; none for those that the index has cut. */
export class IndexTexts {
  readonly #ofIndex = new Map<SegmentIndex, Map<number, Values>>()

  get(index: SegmentIndex, id: number): Values {
    let texts = this.#ofIndex.get(index)
    if (texts === undefined) {
      texts = new Map()
      this.#ofIndex.set(index, texts)
    }
    if (!texts.has(id)) {
      const text = index.strings.text(id)
      texts.set(id, index.strings.byteLength(id) < maxTextBytes ? [text] : undefined)
    }
    return texts.get(id)
  }
}

/** The spans of a trace, those that arrived last in front. */
export function* spansIn(trace: IndexedTrace): Generator<{ index: SegmentIndex; row: number }> {
  for (const { index, row: traceRow } of trace.toReversed()) {
    const { lastSpan } = index.traces
    for (let row = lastSpan.get(traceRow); row !== -1; row = index.spans.previous.get(row)) {
      yield { index, row }
    }
  }
}

function list<T>(value: T): readonly T[] {
  return [value]
}

const keys = new WeakMap<AttributeField, Buffer | undefined>()

/** The bytes of an attribute's name; undefined for one that stands for bytes that are no text. */
function keyOf(field: AttributeField): Buffer | undefined {
  if (!keys.has(field)) {
    const isText = !/[\p{Surrogate}\ufffd]/u.test(field.name)
    keys.set(field, isText ? Buffer.from(field.name) : undefined)
  }
  return keys.get(field)
}
