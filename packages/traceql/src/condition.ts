import type { AttributeValue } from '@pingtrace/otlp'
import type { Binary, Expression } from './ast.ts'
import { isNil } from './check.ts'
import { comparison, holds, type Test } from './compare.ts'
import { typeOf } from './fields.ts'
import { Pattern, PatternError } from './pattern.ts'
import { QueryError } from './query-error.ts'
import type { QuerySpan } from './query-span.ts'

/** Whether a span fits; undefined when that hangs on fields whose values are not known. */
export type Condition = (span: QuerySpan) => boolean | undefined

/** The values of an operand; undefined when they are not known. */
type Operand = (span: QuerySpan) => readonly AttributeValue[] | undefined

/**
 * Compiles a checked condition to closures. Whatever is not true is false: an attribute that is
 * missing or of another type fits no comparison, and `!` of that is true.
 * @param text of the query, for errors
 * @throws QueryError when a regular expression cannot be used
 */
export function compileCondition(expression: Expression, text: string): Condition {
  switch (expression.kind) {
    case 'literal':
      return () => expression.value === true
    case 'not': {
      const condition = compileCondition(expression.operand, text)
      return (span) => negated(condition(span))
    }
    case 'binary':
      return compileBinary(expression, text)
    default:
      return (span) => span.values(expression)?.includes(true)
  }
}

function negated(truth: boolean | undefined): boolean | undefined {
  return truth === undefined ? undefined : !truth
}

function compileBinary(expression: Binary, text: string): Condition {
  const { operator, left, right } = expression
  switch (operator) {
    case '&&':
    case '||':
      return combine(compileCondition(left, text), compileCondition(right, text), operator === '||')
    case '=~':
    case '!~':
      return compileRegex(expression, text)
    default:
      if (isNil(left) || isNil(right)) return compileNil(expression, text)
      if (areForeign(left, right)) return () => false
      return compare(
        compileOperand(left, text, right),
        compileOperand(right, text, left),
        comparison(operator),
      )
  }
}

/** `decisive` on one side decides, even when the other is not known. */
function combine(left: Condition, right: Condition, decisive: boolean): Condition {
  return (span) => {
    const first = left(span)
    if (first === decisive) return decisive
    const second = right(span)
    if (second === decisive) return decisive
    return first === undefined || second === undefined ? undefined : !decisive
  }
}

function compare(left: Operand, right: Operand, test: Test): Condition {
  return (span) => {
    const first = left(span)
    const second = right(span)
    if (first === undefined || second === undefined) return undefined
    return first.some((a) => second.some((b) => test(a, b)))
  }
}

function compileNil({ operator, left, right }: Binary, text: string): Condition {
  if (isNil(left) && isNil(right)) return () => false
  const operand = compileOperand(isNil(left) ? right : left, text)
  return (span) => {
    const values = operand(span)
    return values === undefined ? undefined : values.length > 0 === (operator === '!=')
  }
}

function compileRegex({ operator, left, right }: Binary, text: string): Condition {
  const operand = compileOperand(left, text)
  const pattern = compilePattern(right, text)
  const wanted = operator === '=~'
  const fits = (value: AttributeValue): boolean => {
    if (Array.isArray(value)) return holds(value, !wanted, fits)
    return typeof value === 'string' && pattern.matches(value) === wanted
  }
  return (span) => operand(span)?.some(fits)
}

function compilePattern(expression: Expression, text: string): Pattern {
  const source = expression.kind === 'literal' ? String(expression.value) : ''
  try {
    return new Pattern(source)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    const message = `malformed regular expression: ${error.message}`
    throw new QueryError(message, text, expression.start, expression.end)
  }
}

/** @param comparedWith makes an id of what is written like one */
function compileOperand(expression: Expression, text: string, comparedWith?: Expression): Operand {
  if (expression.kind === 'literal') {
    const value = expression.value
    const digits = comparedWith === undefined ? 0 : idDigits(comparedWith)
    const values = [typeof value === 'string' && digits > 0 ? asId(value, digits) : value]
    return () => values
  }
  if (expression.kind === 'attribute' || expression.kind === 'intrinsic') {
    return (span) => span.values(expression)
  }
  const condition = compileCondition(expression, text)
  return (span) => {
    const truth = condition(span)
    return truth === undefined ? undefined : [truth]
  }
}

/** A status and a kind are only ever equal to their like, and no attribute is one. */
function areForeign(left: Expression, right: Expression): boolean {
  const types = [enumOf(left), enumOf(right)]
  return types[0] !== types[1]
}

function enumOf(expression: Expression): 'status' | 'kind' | undefined {
  if (expression.kind === 'binary' || expression.kind === 'not') return undefined
  const type = expression.kind === 'literal' ? expression.type : typeOf(expression)
  return type === 'status' || type === 'kind' ? type : undefined
}

function idDigits(expression: Expression): number {
  if (expression.kind !== 'intrinsic') return 0
  if (/^(trace:id|link:traceID)$/.test(expression.name)) return 32
  return /^(span:id|span:parentID|link:spanID)$/.test(expression.name) ? 16 : 0
}

/** Ids are lower case and whole here; Tempo shows those of traces without their leading zeros. */
function asId(text: string, digits: number): string {
  return /^[0-9a-f]+$/i.test(text) ? text.toLowerCase().padStart(digits, '0') : text
}
