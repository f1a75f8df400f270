import type { AnyValue, KeyValue, OtlpEvent, OtlpSpan, TracesData } from '@pingtrace/otlp'
import type { DiagnoseOptions, RuleId } from '../src/index.ts'

/** A line of traces.jsonl: spans of one trace or several, and what is wrong with them. */
export interface LabelledCase {
  name: string
  /** Why it is there. */
  about: string
  /** Beside what `diagnoseAll` finds out by itself. */
  options?: Pick<DiagnoseOptions, 'arrival' | 'services' | 'ingest'>
  /** Everything that is wrong, and where: `rule` of the span of that name. */
  expected: { rule: RuleId; span: string }[]
  data: TracesData
}

type Value = string | number | boolean | string[]

/** A span as it is told in a few words; times in milliseconds since the trace began. */
export interface Told {
  name: string
  service: string
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  at: number
  for: number
  attributes?: Record<string, Value>
  resource?: Record<string, Value>
  events?: { name: string; at: number; attributes?: Record<string, Value> }[]
  error?: string | true
  below?: Told[]
  /** Instead of what it lies below. */
  parentId?: string
  /** Of the span, as trace.proto has them. */
  flags?: number
  /** To spans that were told before in this case, by name. */
  links?: string[]
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']
/** 23 November 2026, 12:00 UTC. */
const epoch = 1_795_435_200_000

/** Makes OTLP of what is told; ids count up, so that the same words make the same bytes. */
export class Teller {
  #ids = 0
  readonly #prefix: string
  readonly #told = new Map<string, { traceId: string; spanId: string }>()

  /** @param n tells the ids of this case from those of all others */
  constructor(n: number) {
    this.#prefix = n.toString(16).padStart(4, '0')
  }

  /** A trace of its own. */
  trace(...roots: Told[]): TracesData {
    const traceId = this.#id(32)
    return { resourceSpans: roots.flatMap((root) => this.#resourceSpans(root, traceId, undefined)) }
  }

  #resourceSpans(told: Told, traceId: string, parentSpanId: string | undefined): ResourceSpansOf[] {
    const spanId = this.#id(16)
    const parentId = told.parentId ?? parentSpanId
    this.#told.set(told.name, { traceId, spanId })
    const span: OtlpSpan = {
      traceId,
      spanId,
      ...(parentId === undefined ? {} : { parentSpanId: parentId }),
      name: told.name,
      kind: kinds.indexOf(told.kind ?? 'internal'),
      startTimeUnixNano: nanos(told.at),
      endTimeUnixNano: nanos(told.at + told.for),
      ...(told.flags !== undefined && { flags: told.flags }),
      ...(told.links && { links: told.links.map((name) => this.#link(name)) }),
      ...(told.attributes && { attributes: keyValues(told.attributes) }),
      ...(told.events && { events: told.events.map(event) }),
      ...(told.error !== undefined && {
        status: { code: 2, ...(told.error !== true && { message: told.error }) },
      }),
    }
    const attributes = keyValues({ 'service.name': told.service, ...told.resource })
    return [
      { resource: { attributes }, scopeSpans: [{ scope: {}, spans: [span] }] },
      ...(told.below ?? []).flatMap((child) => this.#resourceSpans(child, traceId, spanId)),
    ]
  }

  #link(name: string): { traceId: string; spanId: string } {
    const linked = this.#told.get(name)
    if (linked === undefined) throw new Error(`no span told before is called ${name}`)
    return linked
  }

  #id(digits: number): string {
    this.#ids += 1
    return `${this.#prefix}${this.#ids.toString(16).padStart(4, '0')}`.padEnd(digits, '5a')
  }
}

type ResourceSpansOf = NonNullable<TracesData['resourceSpans']>[number]

export function merge(...all: TracesData[]): TracesData {
  return { resourceSpans: all.flatMap(({ resourceSpans }) => resourceSpans ?? []) }
}

/** The spans themselves, to be changed in place. */
export function spansOf(data: TracesData): OtlpSpan[] {
  return (data.resourceSpans ?? []).flatMap(({ scopeSpans }) =>
    (scopeSpans ?? []).flatMap(({ spans }) => spans ?? []),
  )
}

export function named(data: TracesData, name: string): OtlpSpan {
  const span = spansOf(data).find((candidate) => candidate.name === name)
  if (span === undefined) throw new Error(`no span is called ${name}`)
  return span
}

/** What one service sent, and nothing else. */
export function ofService(data: TracesData, service: string): TracesData {
  return {
    resourceSpans: (data.resourceSpans ?? []).filter(({ resource }) =>
      resource?.attributes?.some(
        ({ key, value }) => key === 'service.name' && value?.stringValue === service,
      ),
    ),
  }
}

/** Moves spans, with their events, by so many milliseconds. */
export function shift(spans: readonly OtlpSpan[], millis: number): void {
  const moved = (time: string | number | undefined) =>
    `${BigInt(time ?? 0) + BigInt(Math.round(millis * 1_000)) * 1_000n}`
  for (const span of spans) {
    span.startTimeUnixNano = moved(span.startTimeUnixNano)
    span.endTimeUnixNano = moved(span.endTimeUnixNano)
    for (const each of span.events ?? []) each.timeUnixNano = moved(each.timeUnixNano)
  }
}

export function setAttribute(span: OtlpSpan, key: string, value: Value): void {
  span.attributes = [...(span.attributes ?? []).filter((other) => other.key !== key)]
  span.attributes.push(...keyValues({ [key]: value }))
}

function nanos(millis: number): string {
  return `${BigInt(epoch) * 1_000_000n + BigInt(Math.round(millis * 1_000)) * 1_000n}`
}

function event({ name, at, attributes }: NonNullable<Told['events']>[number]): OtlpEvent {
  return {
    name,
    timeUnixNano: nanos(at),
    ...(attributes && { attributes: keyValues(attributes) }),
  }
}

function keyValues(values: Record<string, Value>): KeyValue[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }))
}

function anyValue(value: Value): AnyValue {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } }
  return Number.isInteger(value) ? { intValue: `${value}` } : { doubleValue: value }
}
