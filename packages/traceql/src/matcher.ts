import { aggregate } from './aggregate.ts'
import type { AggregateFilter, Field, Query, SpansetExpression, Stage } from './ast.ts'
import { type Condition, compileCondition } from './condition.ts'
import { parseQuery } from './parse.ts'
import type { QuerySpan } from './query-span.ts'
import { Family, type SpanSet } from './structure.ts'
import { textsOf } from './texts.ts'

/** A `{ }` of a query. */
export interface Filter {
  /** Whether a span fits; undefined when that hangs on values that the span does not know yet. */
  test: Condition
  /** Texts that the bytes of every span that fits contain, its scope's and resource's included. */
  texts: readonly string[]
}

/** Which spans of a trace fit each of the filters, in their order. */
export type Hits = readonly SpanSet[]

/** A query, ready to be asked of one trace after another. */
export class Matcher {
  readonly filters: readonly Filter[]
  /** What is summed up over the spans that fit. */
  readonly aggregated: readonly Field[]
  readonly #stages: readonly Stage[]
  readonly #numberOf = new Map<SpansetExpression, number>()

  /**
   * @param text that the query was read from, for errors
   * @throws QueryError when a regular expression cannot be used
   */
  constructor({ stages }: Query, text: string) {
    this.#stages = stages
    const filters: Filter[] = []
    for (const stage of stages) {
      if (stage.kind !== 'aggregate') this.#collect(stage, text, filters)
    }
    this.filters = filters
    this.aggregated = stages.flatMap((stage) =>
      stage.kind === 'aggregate' ? (stage.field ?? []) : [],
    )
  }

  /**
   * Whether a trace can match at all.
   * @param spanCount of the trace
   * @param counts of each filter, at most how many spans fit it
   */
  canMatch(spanCount: number, counts: readonly number[]): boolean {
    let atMost = spanCount
    for (const stage of this.#stages) {
      if (stage.kind !== 'aggregate') atMost = Math.min(atMost, this.#atMost(stage, counts))
      else if (stage.function === 'count' && !canCount(stage, atMost)) return false
      if (atMost === 0) return false
    }
    return true
  }

  /** The spans of a trace that the query selects, as rows; none when the trace does not match. */
  select(spans: readonly QuerySpan[], hits: Hits): number[] {
    const family = new Family(spans)
    let set: SpanSet = new Uint8Array(spans.length).fill(1)
    for (const stage of this.#stages) {
      if (stage.kind !== 'aggregate') set = this.#evaluate(stage, set, hits, family)
      else if (
        !aggregate(
          stage,
          rowsIn(set).map((row) => spans[row]!),
        )
      )
        return []
    }
    return rowsIn(set)
  }

  #collect(expression: SpansetExpression, text: string, filters: Filter[]): void {
    if (expression.kind === 'spansets') {
      this.#collect(expression.left, text, filters)
      this.#collect(expression.right, text, filters)
      return
    }
    const { condition } = expression
    this.#numberOf.set(expression, filters.length)
    filters.push({
      test: condition === undefined ? () => true : compileCondition(condition, text),
      texts: textsOf(condition),
    })
  }

  #evaluate(expression: SpansetExpression, input: SpanSet, hits: Hits, family: Family): SpanSet {
    if (expression.kind === 'filter') {
      const hit = hits[this.#numberOf.get(expression)!]!
      return input.map((isIn, i) => isIn & hit[i]!)
    }
    const left = this.#evaluate(expression.left, input, hits, family)
    const right = this.#evaluate(expression.right, input, hits, family)
    const { operator } = expression
    if (operator !== '&&' && operator !== '||') return family.select(operator, left, right)
    const isNone = operator === '&&' && !(left.includes(1) && right.includes(1))
    return left.map((isIn, i) => (isNone ? 0 : isIn | right[i]!))
  }

  #atMost(expression: SpansetExpression, counts: readonly number[]): number {
    if (expression.kind === 'filter') return counts[this.#numberOf.get(expression)!]!
    const left = this.#atMost(expression.left, counts)
    const right = this.#atMost(expression.right, counts)
    const { operator } = expression
    if (operator === '||') return left + right
    if (operator.startsWith('!')) return right
    if (left === 0 || right === 0) return 0
    return operator.startsWith('&') ? left + right : right
  }
}

/**
 * Reads a query and makes it ready.
 * @throws QueryError, and nothing else, whatever the text
 */
export function compileQuery(text: string): Matcher {
  return new Matcher(parseQuery(text), text)
}

/** Which of a trace's spans fit each filter, of spans whose values are all known. */
export function hitsOf({ filters }: Matcher, spans: readonly QuerySpan[]): Hits {
  return filters.map(({ test }) => Uint8Array.from(spans, (span) => (test(span) ? 1 : 0)))
}

function rowsIn(set: SpanSet): number[] {
  const rows: number[] = []
  for (const [row, isIn] of set.entries()) if (isIn === 1) rows.push(row)
  return rows
}

/** Whether a set of one to `atMost` spans can have the count that is asked for. */
function canCount({ operator, value }: AggregateFilter, atMost: number): boolean {
  const wanted = Number(value.value)
  switch (operator) {
    case '>':
      return atMost > wanted
    case '>=':
      return atMost >= wanted
    case '=':
      return atMost >= wanted && wanted >= 1
    case '<':
      return wanted > 1
    case '<=':
      return wanted >= 1
    case '!=':
      return true
  }
}
