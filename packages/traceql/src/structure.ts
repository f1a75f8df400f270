import type { Relation, StructuralOperator } from './ast.ts'
import type { QuerySpan } from './query-span.ts'

/** One byte a span of the trace: 1 when it is in the set. */
export type SpanSet = Uint8Array

/**
 * Who is whose parent in a trace, by the ids that its spans carry. A span whose id came twice has
 * all the parents that its versions name. Where a span is missing, the line ends; a loop is walked
 * once.
 */
export class Family {
  readonly #spans: readonly QuerySpan[]

  constructor(spans: readonly QuerySpan[]) {
    this.#spans = spans
  }

  /**
   * The spans of `right` that are to one of `left` what the operator says; with `!` those that are
   * to none of them; with `&` those of `left` too which have such a one in `right`.
   */
  select(operator: StructuralOperator, left: SpanSet, right: SpanSet): SpanSet {
    const mode = operator[0]
    if (mode === '!') return this.#related(operator.slice(1) as Relation, left, right, false)
    if (mode !== '&') return this.#related(operator as Relation, left, right, true)
    const relation = operator.slice(1) as Relation
    const found = this.#related(relation, left, right, true)
    const partners = this.#related(inverse[relation], right, left, true)
    return found.map((isIn, i) => isIn | partners[i]!)
  }

  /** Of `right`, those that are related to one of `left`, or those that are not. */
  #related(relation: Relation, left: SpanSet, right: SpanSet, wanted: boolean): SpanSet {
    const test = this.#test(relation, left)
    return right.map((isIn, i) => (isIn === 1 && test(this.#spans[i]!, i) === wanted ? 1 : 0))
  }

  #test(relation: Relation, left: SpanSet): (span: QuerySpan, i: number) => boolean {
    const members = this.#spans.filter((_, i) => left[i] === 1)
    if (relation === '~') return this.#siblingTest(members, left)
    const ids =
      relation === '>' || relation === '>>'
        ? new Set(members.map(({ spanId }) => spanId))
        : new Set(members.flatMap(({ parentSpanId }) => parentSpanId ?? []))
    if (relation === '>>') close(ids, this.#steps('down'))
    if (relation === '<<') close(ids, this.#steps('up'))
    const isBelow = relation === '>' || relation === '>>'
    return isBelow
      ? ({ parentSpanId }) => parentSpanId !== undefined && ids.has(parentSpanId)
      : ({ spanId }) => ids.has(spanId)
  }

  /** Roots have no parent that they could share, and nobody is a sibling of itself. */
  #siblingTest(members: readonly QuerySpan[], left: SpanSet) {
    const counts = new Map<string, number>()
    for (const { parentSpanId } of members) {
      if (parentSpanId !== undefined) counts.set(parentSpanId, (counts.get(parentSpanId) ?? 0) + 1)
    }
    return ({ parentSpanId }: QuerySpan, i: number) =>
      parentSpanId !== undefined && (counts.get(parentSpanId) ?? 0) > left[i]!
  }

  #steps(direction: 'up' | 'down'): Map<string, string[]> {
    const steps = new Map<string, string[]>()
    for (const { spanId, parentSpanId } of this.#spans) {
      if (parentSpanId === undefined) continue
      const [from, to] = direction === 'down' ? [parentSpanId, spanId] : [spanId, parentSpanId]
      const list = steps.get(from)
      if (list === undefined) steps.set(from, [to])
      else list.push(to)
    }
    return steps
  }
}

const inverse: Record<Relation, Relation> = { '>': '<', '<': '>', '>>': '<<', '<<': '>>', '~': '~' }

/** Adds all ids that can be reached. */
function close(ids: Set<string>, steps: ReadonlyMap<string, readonly string[]>): void {
  // A set goes on over what is added to it meanwhile.
  for (const id of ids) for (const next of steps.get(id) ?? []) ids.add(next)
}
