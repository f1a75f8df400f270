/** Where a node stands in the text: UTF-16 units from the start, the end not included. */
export interface Range {
  start: number
  end: number
}

/** A whole query: spans go in at the left, each stage lets some of them through. */
export interface Query {
  stages: Stage[]
}

export type Stage = SpansetExpression | AggregateFilter

/** Names of spans, each with a condition on one span, combined by what they are to each other. */
export type SpansetExpression = SpansetFilter | SpansetOperation

/** `{ condition }`; without a condition every span is in it. */
export interface SpansetFilter extends Range {
  kind: 'filter'
  condition: Expression | undefined
}

/** Operators between spansets: the two of logic, and the structural ones. */
export const structuralOperators = ['>>', '<<', '>', '<', '~'] as const
export type Relation = (typeof structuralOperators)[number]
export type StructuralOperator = Relation | `!${Relation}` | `&${Relation}`
export type LogicalOperator = '&&' | '||'

export interface SpansetOperation extends Range {
  kind: 'spansets'
  operator: LogicalOperator | StructuralOperator
  left: SpansetExpression
  right: SpansetExpression
}

export type AggregateFunction = 'count' | 'avg' | 'min' | 'max' | 'sum'
export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>='

/** `count() > 2`, `max(duration) >= 1s`: a condition on the set of spans that came so far. */
export interface AggregateFilter extends Range {
  kind: 'aggregate'
  function: AggregateFunction
  /** Undefined for `count`. */
  field: Field | undefined
  operator: Comparator
  value: Literal
}

/** A condition on one span, or an operand of one. */
export type Expression = Binary | Not | Field | Literal

export interface Binary extends Range {
  kind: 'binary'
  operator: LogicalOperator | Comparator | '=~' | '!~'
  left: Expression
  right: Expression
}

export interface Not extends Range {
  kind: 'not'
  operand: Expression
}

/** An attribute, or a property that every span has (`intrinsic`). */
export type Field = AttributeField | IntrinsicField

export interface AttributeField extends Range {
  kind: 'attribute'
  scope: AttributeScope
  name: string
}

export interface IntrinsicField extends Range {
  kind: 'intrinsic'
  name: Intrinsic
}

/** `any` is written as a dot alone: the span's attribute, or else the resource's. */
export type AttributeScope = 'any' | 'span' | 'resource' | 'event' | 'link'

export type Intrinsic =
  | 'name'
  | 'duration'
  | 'status'
  | 'statusMessage'
  | 'kind'
  | 'span:id'
  | 'span:parentID'
  | 'span:childCount'
  | 'trace:id'
  | 'trace:duration'
  | 'trace:rootName'
  | 'trace:rootService'
  | 'event:name'
  | 'event:timeSinceStart'
  | 'link:traceID'
  | 'link:spanID'
  | 'instrumentation:name'
  | 'instrumentation:version'

export type Literal = Range & LiteralValue & { kind: 'literal' }

export type LiteralValue =
  | { type: 'string' | 'status' | 'kind'; value: string }
  /** An integer, or nanoseconds; both are 64 bits wide. */
  | { type: 'int' | 'duration'; value: bigint }
  | { type: 'float'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'nil'; value: null }

/** `any` is what only the values can tell: an attribute may hold everything. */
export type ValueType = LiteralValue['type'] | 'any'
