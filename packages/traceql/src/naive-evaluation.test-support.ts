/**
 * What a query selects, told straight from the definitions: no sets, no shortcuts, every pair of
 * spans looked at. Slow, and nothing of the real evaluation in it.
 */
import type { AttributeValue, Span } from '@pingtrace/otlp'
import type { Expression, Field, Query, Relation, SpansetExpression } from './ast.ts'
import { intrinsics } from './fields.ts'

export function evaluateNaively({ stages }: Query, trace: readonly Span[]): Span[] {
  let spans = [...trace]
  for (const stage of stages) {
    if (stage.kind !== 'aggregate') {
      spans = select(stage, spans, trace)
      continue
    }
    const field = stage.field
    const numbers =
      field === undefined
        ? spans.map(() => 1)
        : spans
            .flatMap((span) => fieldValues(field, span, trace))
            .filter(isNumber)
            .map(Number)
    const sum = numbers.reduce((a, b) => a + b, 0)
    const results = {
      count: numbers.length,
      sum,
      avg: sum / numbers.length,
      min: extreme(numbers, -1),
      max: extreme(numbers, 1),
    }
    const fits = compare(stage.operator, results[stage.function], stage.value.value)
    if (numbers.length === 0 || !fits) return []
  }
  return spans
}

/** NaN is neither more nor less than what came first. */
function extreme(numbers: number[], sign: number): number {
  return numbers.reduce((a, b) => ((b - a) * sign > 0 ? b : a), numbers[0] ?? 0)
}

function select(expression: SpansetExpression, input: Span[], trace: readonly Span[]): Span[] {
  if (expression.kind === 'filter') {
    const { condition } = expression
    if (condition === undefined) return input
    return input.filter((span) => isTrue(condition, span, trace))
  }
  const left = select(expression.left, input, trace)
  const right = select(expression.right, input, trace)
  const both = input.filter((span) => left.includes(span) || right.includes(span))
  const { operator } = expression
  if (operator === '||') return both
  if (operator === '&&') return left.length > 0 && right.length > 0 ? both : []
  const relation = operator.replace(/^[!&]/, '') as Relation
  const isRelated = (a: Span, b: Span) => related(relation, a, b, trace)
  const found = right.filter((b) => left.some((a) => isRelated(a, b)))
  if (operator.startsWith('!')) return right.filter((span) => !found.includes(span))
  if (!operator.startsWith('&')) return found
  const partners = left.filter((a) => right.some((b) => isRelated(a, b)))
  return input.filter((span) => found.includes(span) || partners.includes(span))
}

/** Whether `b` is what the operator says to `a`. */
function related(relation: Relation, a: Span, b: Span, trace: readonly Span[]): boolean {
  switch (relation) {
    case '>':
      return b.parentSpanId === a.spanId
    case '<':
      return a.parentSpanId === b.spanId
    case '>>':
      return isBelow(b, a.spanId, trace, [])
    case '<<':
      return isBelow(a, b.spanId, trace, [])
    case '~':
      return a !== b && a.parentSpanId !== undefined && a.parentSpanId === b.parentSpanId
  }
}

function isBelow(span: Span, id: string, trace: readonly Span[], seen: Span[]): boolean {
  if (span.parentSpanId === undefined || seen.includes(span)) return false
  if (span.parentSpanId === id) return true
  return trace.some(
    (parent) => parent.spanId === span.parentSpanId && isBelow(parent, id, trace, [...seen, span]),
  )
}

function isTrue(expression: Expression, span: Span, trace: readonly Span[]): boolean {
  return operandValues(expression, span, trace).some((value) => value === true)
}

function operandValues(
  expression: Expression,
  span: Span,
  trace: readonly Span[],
): AttributeValue[] {
  switch (expression.kind) {
    case 'literal':
      return expression.type === 'nil' ? [] : [tagged(expression.type, expression.value)]
    case 'not':
      return [!isTrue(expression.operand, span, trace)]
    case 'binary': {
      const { operator, left, right } = expression
      if (operator === '&&') return [isTrue(left, span, trace) && isTrue(right, span, trace)]
      if (operator === '||') return [isTrue(left, span, trace) || isTrue(right, span, trace)]
      const nil = [left, right].filter((each) => each.kind === 'literal' && each.type === 'nil')
      const first = operandValues(left, span, trace)
      const second = operandValues(right, span, trace)
      if (nil.length > 0) {
        const count = first.length + second.length
        return [operator === '=' ? count === 0 : count > 0]
      }
      const ids = [idLength(left), idLength(right)].find((length) => length > 0) ?? 0
      const whole = (each: Expression, values: AttributeValue[]) =>
        each.kind === 'literal' && each.type === 'string' && ids > 0
          ? values.map((value) => whileHex(String(value), ids))
          : values
      return [
        whole(left, first).some((a) => whole(right, second).some((b) => compare(operator, a, b))),
      ]
    }
    default:
      return fieldValues(expression, span, trace)
  }
}

function idLength(expression: Expression): number {
  if (expression.kind !== 'intrinsic') return 0
  const lengths: Record<string, number> = {
    'trace:id': 32,
    'link:traceID': 32,
    'span:id': 16,
    'span:parentID': 16,
    'link:spanID': 16,
  }
  return lengths[expression.name] ?? 0
}

function whileHex(text: string, length: number): string {
  return /^[0-9a-fA-F]+$/.test(text) ? text.toLowerCase().padStart(length, '0') : text
}

/** Enumerations as objects: equal to no text. */
function tagged(type: string, value: AttributeValue): AttributeValue {
  return type === 'status' || type === 'kind' ? { [type]: value } : value
}

function fieldValues(field: Field, span: Span, trace: readonly Span[]): AttributeValue[] {
  if (field.kind === 'intrinsic') {
    const value = intrinsicValues(field.name, span, trace)
    return value.map((each) => tagged(intrinsics[field.name].type, each))
  }
  const { scope, name } = field
  const own = (list: { attributes: Record<string, AttributeValue> }[]) =>
    list
      .map(({ attributes }) => new Map(Object.entries(attributes)).get(name) ?? null)
      .filter((value) => value !== null)
  const ofSpan = own([span])
  const ofResource = own([{ attributes: span.resource }])
  if (scope === 'span') return ofSpan
  if (scope === 'resource') return ofResource
  if (scope === 'any') return ofSpan.length > 0 ? ofSpan : ofResource
  return own(scope === 'event' ? span.events : span.links)
}

function intrinsicValues(name: string, span: Span, trace: readonly Span[]): AttributeValue[] {
  const roots = trace.filter(({ parentSpanId }) => parentSpanId === undefined)
  const first = roots.map(({ start }) => start).sort((a, b) => Number(a - b))[0]
  const root = roots.filter(({ start }) => start === first).slice(0, 1)
  const starts = trace.map(({ start }) => start).filter((time) => time !== 0n)
  const ends = trace.map(({ end }) => end)
  const earliest = starts.toSorted((a, b) => Number(a - b))[0] ?? 0n
  const duration = latest(ends) - earliest
  const values: Record<string, AttributeValue[]> = {
    name: [span.name],
    duration: [span.end - span.start],
    status: [span.status.code],
    statusMessage: [span.status.message],
    kind: [span.kind],
    'span:id': [span.spanId],
    'span:parentID': [span.parentSpanId ?? ''],
    'span:childCount': [trace.filter(({ parentSpanId }) => parentSpanId === span.spanId).length],
    'trace:id': [span.traceId],
    'trace:duration': [duration > 0n ? duration : 0n],
    'trace:rootName': root.map((each) => each.name),
    'trace:rootService': root.map((each) => each.service),
    'event:name': span.events.map((event) => event.name),
    'event:timeSinceStart': span.events.map((event) => event.time - span.start),
    'link:traceID': span.links.map((link) => link.traceId),
    'link:spanID': span.links.map((link) => link.spanId),
    'instrumentation:name': [span.scope.name],
    'instrumentation:version': [span.scope.version],
  }
  return values[name]!
}

const latest = (times: bigint[]) => times.toSorted((a, b) => Number(a - b)).at(-1) ?? 0n

const isNumber = (value: AttributeValue): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'

function compare(operator: string, a: AttributeValue, b: AttributeValue): boolean {
  const needsAll = operator === '!=' || operator === '!~'
  if (Array.isArray(a) && Array.isArray(b)) return false
  for (const [list, test] of [
    [a, (each: AttributeValue) => compare(operator, each, b)],
    [b, (each: AttributeValue) => compare(operator, a, each)],
  ] as const) {
    if (Array.isArray(list)) return needsAll ? list.every(test) : list.some(test)
  }
  if (operator === '=~' || operator === '!~') {
    if (typeof a !== 'string') return false
    const [, flags = '', source] = /^(?:\(\?(i)\))?(.*)$/s.exec(String(b))!
    return new RegExp(`^(?:${source})$`, `su${flags}`).test(a) === (operator === '=~')
  }
  const order = isNumber(a) && isNumber(b) ? numberOrder(a, b) : scalarOrder(a, b)
  if (order === undefined) return false
  switch (operator) {
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order === -1
    case '<=':
      return order === -1 || order === 0
    case '>':
      return order === 1
    default:
      return order === 1 || order === 0
  }
}

/** -1, 0 or 1; 2 for values that are only unequal; undefined for those not comparable. */
function scalarOrder(a: AttributeValue, b: AttributeValue): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') {
    return Buffer.compare(Buffer.from(a), Buffer.from(b))
  }
  if (typeof a === 'boolean' && typeof b === 'boolean') return a === b ? 0 : 2
  const [first, second] = [enumOf(a), enumOf(b)]
  if (first === undefined || first[0] !== second?.[0]) return undefined
  return first[1] === second[1] ? 0 : 2
}

function enumOf(value: AttributeValue): [string, AttributeValue] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.entries(value).find(([key]) => key === 'status' || key === 'kind')
}

function numberOrder(a: number | bigint, b: number | bigint): number {
  if (a < b) return -1
  if (a > b) return 1
  return Number.isNaN(Number(a)) || Number.isNaN(Number(b)) ? 2 : 0
}
