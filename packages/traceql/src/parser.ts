import { spanKinds } from '@pingtrace/otlp'
import {
  type AggregateFilter,
  type AggregateFunction,
  type Comparator,
  type Expression,
  type Field,
  type Literal,
  type LiteralValue,
  type Query,
  type Range,
  type SpansetExpression,
  type SpansetOperation,
  type Stage,
  structuralOperators,
} from './ast.ts'
import { findIntrinsic, statuses } from './fields.ts'
import { intConstants, isInt64 } from './numbers.ts'
import { QueryError, unsupported } from './query-error.ts'
import { TokenCursor } from './token-cursor.ts'

const logicalOperators = ['&&', '||'] as const
const spansetOperators = [
  ...structuralOperators,
  ...structuralOperators.map((each) => `!${each}` as const),
  ...structuralOperators.map((each) => `&${each}` as const),
]
const comparators: readonly Comparator[] = ['=', '!=', '<', '<=', '>', '>=']
const fieldComparators = [...comparators, '=~', '!~'] as const
export const aggregates: readonly AggregateFunction[] = ['count', 'avg', 'min', 'max', 'sum']

/** Parentheses and negations in each other; the stack bears it, and nobody types that. */
const maxDepth = 100
/** Each of these takes a walk over all spans of a trace, and a trace may have a million. */
const maxParts = 32

/**
 * Reads a query by recursive descent. As in Tempo, `&&` and `||` bind equally, from the left, and
 * less than comparisons and structural operators do, which bind equally among themselves too.
 *
 * It notes what it would have taken at each token, which makes error messages and completion.
 */
export class Parser extends TokenCursor {
  #depth = 0
  #parts = 0
  /** What the value that is expected would be compared with. */
  comparedWith: Expression | undefined

  /** @throws QueryError */
  query(): Query {
    const stages: Stage[] = [this.#stage()]
    while (this.take('|')) stages.push(this.#stage())
    this.expected.add('end')
    if (this.token.type !== 'end') throw this.failure()
    return { stages }
  }

  #stage(): Stage {
    const name = this.takeWord(aggregates, 'aggregate')
    return name === undefined ? this.#spansets() : this.#aggregate(name)
  }

  #spansets(): SpansetExpression {
    let left = this.#relatedSpansets()
    for (;;) {
      const operator = this.takeOneOf(logicalOperators)
      if (operator === undefined) return left
      left = this.#spansetOperation(operator, left, this.#relatedSpansets())
    }
  }

  #relatedSpansets(): SpansetExpression {
    let left = this.#spanset()
    for (;;) {
      const operator = this.takeOneOf(spansetOperators)
      if (operator === undefined) return left
      left = this.#spansetOperation(operator, left, this.#spanset())
    }
  }

  #spansetOperation(
    operator: SpansetOperation['operator'],
    left: SpansetExpression,
    right: SpansetExpression,
  ): SpansetOperation {
    return { kind: 'spansets', operator, left, right, ...spanning(left, right) }
  }

  #spanset(): SpansetExpression {
    const { start } = this.token
    if (this.take('(')) {
      const inner = this.#nested(() => this.#spansets())
      if (this.isSymbol('|')) throw this.unsupported('pipelines in parentheses')
      this.expect(')')
      return inner
    }
    this.expect('{')
    this.#countPart({ start, end: start + 1 })
    const isEmpty = this.is('}')
    const condition = isEmpty ? undefined : this.#expression()
    const { end } = this.expect('}')
    return { kind: 'filter', condition, start, end }
  }

  #aggregate({ text, start, end }: Range & { text: AggregateFunction }): AggregateFilter {
    this.#countPart({ start, end })
    this.expect('(')
    const field = text === 'count' ? undefined : (this.#field() ?? this.fail())
    this.expect(')')
    const operator = this.takeOneOf(comparators) ?? this.fail()
    const value = this.#number()
    return { kind: 'aggregate', function: text, field, operator, value, start, end: value.end }
  }

  #expression(): Expression {
    let left = this.#comparison()
    for (;;) {
      const operator = this.takeOneOf(logicalOperators)
      if (operator === undefined) return left
      const right = this.#comparison()
      left = { kind: 'binary', operator, left, right, ...spanning(left, right) }
    }
  }

  #comparison(): Expression {
    let left = this.#operand()
    for (;;) {
      const operator = this.takeOneOf(fieldComparators)
      if (operator === undefined) return left
      this.comparedWith = left
      const right = this.#operand()
      this.comparedWith = undefined
      left = { kind: 'binary', operator, left, right, ...spanning(left, right) }
    }
  }

  #operand(): Expression {
    const { start } = this.token
    if (this.take('!')) {
      const operand = this.#nested(() => this.#operand())
      return { kind: 'not', operand, start, end: operand.end }
    }
    if (this.take('(')) {
      const inner = this.#nested(() => this.#expression())
      this.expect(')')
      return inner
    }
    return this.#field() ?? this.#literal()
  }

  #field(): Field | undefined {
    this.expected.add('field')
    const token = this.token
    const { start, end } = token
    if (token.type === 'attribute') {
      this.advance()
      return { kind: 'attribute', scope: token.scope, name: token.name, start, end }
    }
    const name =
      token.type === 'intrinsic'
        ? token.name
        : token.type === 'word'
          ? findIntrinsic(token.text)
          : undefined
    if (name === undefined) return undefined
    this.advance()
    return { kind: 'intrinsic', name, start, end }
  }

  #literal(): Literal {
    this.expected.add('value')
    const token = this.token
    if (token.type === 'string') {
      this.advance()
      const { value, start, end } = token
      return { kind: 'literal', type: 'string', value, start, end }
    }
    const word = token.type === 'word' ? wordValue(token.text) : undefined
    if (word === undefined) return this.#number()
    this.advance()
    return { kind: 'literal', ...word, start: token.start, end: token.end }
  }

  /** An integer, a float or a duration, with its sign. */
  #number(): Literal {
    this.expected.add('number')
    const { start } = this.token
    const isNegative = this.isSymbol('-')
    if (isNegative) this.advance()
    const token = this.token
    const { end } = token
    const range = { kind: 'literal', start, end } as const
    if (token.type === 'float') {
      this.advance()
      return { ...range, type: 'float', value: isNegative ? -token.value : token.value }
    }
    if (token.type !== 'int' && token.type !== 'duration') {
      if (isNegative) throw unsupported('arithmetic', this.text, start, end)
      if (token.type === 'word' && Object.hasOwn(intConstants, token.text)) {
        this.advance()
        return { ...range, type: 'int', value: intConstants[token.text]! }
      }
      return this.fail()
    }
    const value = isNegative ? -token.value : token.value
    if (!isInt64(value)) throw new QueryError('number too large', this.text, start, end)
    this.advance()
    return { ...range, type: token.type, value }
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > maxDepth) {
      throw new QueryError('nested too deeply', this.text, this.token.start)
    }
    this.comparedWith = undefined
    const result = read()
    this.#depth--
    return result
  }

  #countPart({ start, end }: Range): void {
    if (++this.#parts <= maxParts) return
    const message = `more than ${maxParts} spansets and functions`
    throw new QueryError(message, this.text, start, end)
  }
}

function wordValue(word: string): LiteralValue | undefined {
  if (word === 'true' || word === 'false') return { type: 'bool', value: word === 'true' }
  if (word === 'nil') return { type: 'nil', value: null }
  if (statuses.some((each) => each === word)) return { type: 'status', value: word }
  if (spanKinds.some((each) => each === word)) return { type: 'kind', value: word }
  return undefined
}

function spanning(left: Range, right: Range): Range {
  return { start: left.start, end: right.end }
}
