import { type ServiceEdge, type ServiceNode, spanKinds } from '@pingtrace/otlp'
import { ByNumber } from './by-number.ts'
import { type CallTarget, callTarget } from './call-target.ts'
import { DurationTally } from './duration-stats.ts'
import { spansIn } from './indexed-span.ts'
import { startMillis } from './operation-groups.ts'
import type { ReadRecords } from './read-records.ts'
import { TimeScale } from './time-scale.ts'
import type { IndexedTrace } from './trace-summary.ts'
import type { SpanPlace } from './traceql-search.ts'

/** More than this nobody can look at; what comes after them is counted, and not drawn. */
const maxNodes = 200
const maxEdges = 1_000
/** So many spans are looked at between two chances for others. */
const spansBetweenTurns = 256

const [, , server, client, producer, consumer] = spanKinds.map((_, kind) => kind)

/**
 * Who calls whom. A call is a pair of parent and child in different services, or a CLIENT or PRODUCER
 * span that nobody answered, to where its attributes say: only of those something is read.
 */
export class ServiceMap {
  readonly scale = new TimeScale()
  unmapped = 0
  readonly #nodes = new Map<string, Node>()
  readonly #edges: Edge[] = []
  readonly #byNumber = new ByNumber(({ strings }, service) =>
    this.#node({ name: strings.text(service), kind: 'service' }),
  )

  nodes(): ServiceNode[] {
    return [...this.#nodes.values()].map(({ tally, calls, ...node }) => ({
      ...node,
      ...tally.stats(),
    }))
  }

  edges(): ServiceEdge[] {
    return this.#edges.map(({ from, to, tally }) => ({
      from: from.id,
      to: to.id,
      ...tally.stats(),
    }))
  }

  /** Adds all spans of a trace; yields now and then. */
  *add(trace: IndexedTrace, records: ReadRecords): Generator<void> {
    const spans = [...spansIn(trace)]
    const parentOf = parentsIn(spans)
    const answered = new Set<SpanPlace>()
    for (const [i, span] of spans.entries()) {
      if (i % spansBetweenTurns === spansBetweenTurns - 1) yield
      this.#enter(span, parentOf(span), answered)
    }
    for (const [i, span] of spans.entries()) {
      if (i % spansBetweenTurns === spansBetweenTurns - 1) yield
      if (!answered.has(span)) this.#leave(span, records)
    }
  }

  /** Counts a span by which work enters its service, and the call that it answers. */
  #enter(span: SpanPlace, parent: SpanPlace | undefined, answered: Set<SpanPlace>): void {
    const { index, row } = span
    const kind = index.spans.kind(row)
    const isEntry = kind === server || kind === consumer
    const node = this.#serviceOf(span)
    const caller = parent && this.#serviceOf(parent)
    if (parent !== undefined && caller === node && !isEntry) return
    if (parent !== undefined) answered.add(parent)
    if (node === undefined) {
      this.unmapped++
      return
    }
    const nanos = index.spans.duration(row)
    const isError = index.spans.isError(row)
    node.tally.add(nanos, isError)
    const started = startMillis(index, row)
    if (started !== 0) this.scale.add(started)
    if (parent === undefined || caller === undefined) return
    const asked = parent.index.spans
    const saw = asked.kind(parent.row) === client ? asked.duration(parent.row) : nanos
    this.#call(caller, node, saw, isError || asked.isError(parent.row))
  }

  /** Counts a call that left its service and was answered by no span. */
  #leave(span: SpanPlace, records: ReadRecords): void {
    const { spans } = span.index
    const kind = spans.kind(span.row)
    if (kind !== client && kind !== producer) return
    const record = records.get(spans.record.get(span.row))
    const target = record && callTarget(record, spans.offset.get(span.row))
    if (target === undefined) return
    const from = this.#serviceOf(span)
    const to = this.#node(target)
    const nanos = spans.duration(span.row)
    const isError = spans.isError(span.row)
    if (from === undefined || to === undefined) {
      this.unmapped++
      return
    }
    to.tally.add(nanos, isError)
    this.#call(from, to, nanos, isError)
  }

  #call(from: Node, to: Node, nanos: number, isError: boolean): void {
    let edge = from.calls.get(to)
    if (edge === undefined && this.#edges.length < maxEdges) {
      edge = { from, to, tally: new DurationTally() }
      from.calls.set(to, edge)
      this.#edges.push(edge)
    }
    if (edge === undefined) this.unmapped++
    else edge.tally.add(nanos, isError)
  }

  #serviceOf({ index, row }: SpanPlace): Node | undefined {
    return this.#byNumber.of(index, index.spans.service.get(row))
  }

  #node(what: CallTarget): Node | undefined {
    const id = `${what.kind}:${what.name}`
    let node = this.#nodes.get(id)
    if (node === undefined && this.#nodes.size < maxNodes) {
      node = { id, ...what, tally: new DurationTally(), calls: new Map() }
      this.#nodes.set(id, node)
    }
    return node
  }
}

type Node = CallTarget & { id: string; tally: DurationTally; calls: Map<Node, Edge> }

interface Edge {
  from: Node
  to: Node
  tally: DurationTally
}

/** Most traces are so short that looking through them is quicker than making a table. */
const shortTrace = 24

/** Finds the parent of a span among its trace's: of several with its id, the one that arrived last. */
function parentsIn(spans: readonly SpanPlace[]): (of: SpanPlace) => SpanPlace | undefined {
  if (spans.length > shortTrace) {
    const byId = new Map<string, SpanPlace>()
    for (const span of spans.toReversed()) {
      const { idA, idB } = span.index.spans
      byId.set(`${idA.get(span.row)} ${idB.get(span.row)}`, span)
    }
    return ({ index: { spans: rows }, row }) => {
      return byId.get(`${rows.parentA.get(row)} ${rows.parentB.get(row)}`)
    }
  }
  const idsA = spans.map(({ index, row }) => index.spans.idA.get(row))
  const idsB = spans.map(({ index, row }) => index.spans.idB.get(row))
  return ({ index: { spans: rows }, row }) => {
    const [a, b] = [rows.parentA.get(row), rows.parentB.get(row)]
    // Of a root it is the id that no span has.
    if ((a | b) === 0) return undefined
    for (let i = 0; i < spans.length; i++) if (idsA[i] === a && idsB[i] === b) return spans[i]
    return undefined
  }
}
