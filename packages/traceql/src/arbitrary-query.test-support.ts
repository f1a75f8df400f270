/** Test material: any query that the checks let through, and traces small enough to match some. */
import { type AttributeValue, type Span, spanKinds } from '@pingtrace/otlp'
import fc from 'fast-check'
import {
  type AggregateFilter,
  type Expression,
  type Field,
  type Intrinsic,
  type Literal,
  type LiteralValue,
  type Query,
  type SpansetExpression,
  structuralOperators,
  type ValueType,
} from './ast.ts'
import { intrinsics, scopePrefixes, statuses } from './fields.ts'

const at = { start: 0, end: 0 }
const literalOf = (value: LiteralValue): Literal => ({ kind: 'literal', ...value, ...at })
const names = fc.constantFrom('a', 'b', 'service.name', 'constructor')
const texts = fc.constantFrom('', 'x', 'y', 'xy', '\u{1f600}', '\uffff', '0000000000000001', '1')
const anyText = fc.oneof(texts, fc.string({ unit: 'binary' }))
const anyName = fc.oneof({ arbitrary: names, weight: 5 }, anyText)

const attribute: fc.Arbitrary<Field> = fc.record({
  kind: fc.constant('attribute' as const),
  scope: fc.constantFrom(...(Object.keys(scopePrefixes) as (keyof typeof scopePrefixes)[])),
  name: anyName,
  start: fc.constant(0),
  end: fc.constant(0),
})
const intrinsic = (types: readonly ValueType[]): fc.Arbitrary<Field> => {
  const fitting = (Object.keys(intrinsics) as Intrinsic[]).filter((name) =>
    types.includes(intrinsics[name].type),
  )
  return fc.constantFrom(...fitting).map((name) => ({ kind: 'intrinsic', name, ...at }))
}

const int64 = fc.oneof(
  fc.bigInt({ min: -2n, max: 3n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
)
const numberLiteral = fc
  .oneof(
    int64.map((value) => ({ type: 'int' as const, value })),
    int64.map((value) => ({ type: 'duration' as const, value })),
    fc
      .oneof(
        fc.constantFrom(0.5, 1, -0, 1e21, 5e-324),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
      )
      .map((value) => ({ type: 'float' as const, value })),
  )
  .map(literalOf)
const textLiteral = anyText.map((value) => literalOf({ type: 'string', value }))
const patternLiteral = fc
  .constantFrom('x', 'x.*', '(?i)X|y', '.+', '', '[^x]*', '\\d+')
  .map((value) => literalOf({ type: 'string', value }))
const nil = literalOf({ type: 'nil', value: null })

const operators = fc.constantFrom('=', '!=', '<', '<=', '>', '>=')
const equalities = fc.constantFrom('=', '!=')
const binary = (
  operator: fc.Arbitrary<string>,
  left: fc.Arbitrary<Expression>,
  right: fc.Arbitrary<Expression>,
): fc.Arbitrary<Expression> =>
  fc.tuple(operator, left, right, fc.boolean()).map(([each, a, b, flipped]) => {
    const isSymmetric = each === '=' || each === '!='
    const [first, second] = flipped && isSymmetric ? [b, a] : [a, b]
    return { kind: 'binary', operator: each, left: first, right: second, ...at } as Expression
  })

const { condition } = fc.letrec<{ condition: Expression }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'condition' },
    binary(operators, fc.oneof(attribute, intrinsic(['int', 'duration'])), numberLiteral),
    binary(operators, fc.oneof(attribute, intrinsic(['string'])), textLiteral),
    binary(operators, attribute, fc.oneof(attribute, intrinsic(['string', 'int', 'duration']))),
    binary(fc.constantFrom('=~', '!~'), fc.oneof(attribute, intrinsic(['string'])), patternLiteral),
    binary(
      equalities,
      intrinsic(['status']),
      fc.constantFrom(...statuses).map((value) => literalOf({ type: 'status', value })),
    ),
    binary(
      equalities,
      fc.oneof(attribute, intrinsic(['kind'])),
      fc.constantFrom(...spanKinds).map((value) => literalOf({ type: 'kind', value })),
    ),
    binary(fc.constant('!='), fc.oneof(attribute, intrinsic(['string'])), fc.constant(nil)),
    binary(
      fc.constant('='),
      attribute.filter(({ name }) => name !== 'service.name'),
      fc.constant(nil),
    ),
    fc.boolean().map((value) => literalOf({ type: 'bool', value })),
    attribute,
    tie('condition').map((operand): Expression => ({ kind: 'not', operand, ...at })),
    binary(fc.constantFrom('&&', '||'), tie('condition'), tie('condition')),
    binary(equalities, tie('condition'), fc.oneof(attribute, tie('condition'))),
  ),
}))

const spansetOperators = structuralOperators.flatMap(
  (each) => [each, `!${each}`, `&${each}`] as const,
)
const { spansets } = fc.letrec<{ spansets: SpansetExpression }>((tie) => ({
  spansets: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'spansets' },
    fc
      .option(condition, { nil: undefined, freq: 4 })
      .map((each): SpansetExpression => ({ kind: 'filter', condition: each, ...at })),
    fc
      .tuple(fc.constantFrom('&&', '||', ...spansetOperators), tie('spansets'), tie('spansets'))
      .map(
        ([operator, left, right]) =>
          ({ kind: 'spansets', operator, left, right, ...at }) as SpansetExpression,
      ),
  ),
}))

const aggregate = fc
  .tuple(
    fc.constantFrom('count', 'avg', 'min', 'max', 'sum'),
    fc.oneof(attribute, intrinsic(['int', 'duration'])),
    operators,
    numberLiteral,
  )
  .map(
    ([name, field, operator, value]) =>
      ({
        kind: 'aggregate',
        function: name,
        field: name === 'count' ? undefined : field,
        operator,
        value,
        ...at,
      }) as AggregateFilter,
  )

export const arbitraryQuery: fc.Arbitrary<Query> = fc.record({
  stages: fc.array(fc.oneof({ arbitrary: spansets, weight: 3 }, aggregate), {
    minLength: 1,
    maxLength: 3,
  }),
})

const scalar = fc.oneof(
  texts,
  fc.boolean(),
  fc.bigInt({ min: -2n, max: 3n }),
  fc.constantFrom(0.5, 1, Number.NaN, Number.POSITIVE_INFINITY),
)
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  { arbitrary: scalar, weight: 5 },
  fc.constant(null),
  fc.array(scalar, { maxLength: 2 }),
  fc.dictionary(names, scalar, { maxKeys: 1 }),
)
const attributes = fc.dictionary(names, value, { maxKeys: 3 })
const nanoseconds = fc.bigInt({ min: 0n, max: 4n })
const id = (digits: number) =>
  fc.integer({ min: 1, max: 6 }).map((n) => `${n}`.padStart(digits, '0'))

/** Ids come twice, parents are missing, and some descend from themselves. */
const span: fc.Arbitrary<Span> = fc
  .record({
    traceId: fc.constant('1'.padStart(32, '0')),
    spanId: id(16),
    parentSpanId: fc.option(id(16), { nil: undefined }),
    name: texts,
    kind: fc.constantFrom(...spanKinds),
    start: nanoseconds,
    end: nanoseconds,
    status: fc.record({ code: fc.constantFrom(...statuses), message: texts }),
    attributes,
    events: fc.array(fc.record({ name: texts, time: nanoseconds, attributes }), { maxLength: 2 }),
    links: fc.array(fc.record({ traceId: id(32), spanId: id(16), attributes }), { maxLength: 2 }),
    traceState: fc.constant(''),
    flags: fc.constant(0),
    service: fc.constantFrom('x', 'y', 'unknown_service'),
    resource: attributes,
    scope: fc.record({ name: texts, version: texts }),
  })
  .map((each) => ({ ...each, resource: { ...each.resource, 'service.name': each.service } }))

export const arbitraryTrace: fc.Arbitrary<Span[]> = fc.array(span, { maxLength: 7 })
