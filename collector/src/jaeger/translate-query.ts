import {
  type Expression,
  type Field,
  type Literal,
  parseQuery,
  QueryError,
  type Range,
} from '@pingtrace/traceql'

/** What Jaeger's `query.` parameters can ask of traces: one span must fit all of it. */
export interface JaegerQuery {
  service?: string
  operation?: string
  /** Nanoseconds; both bounds are part of it. */
  durationMin?: bigint
  durationMax?: bigint
  /** Jaeger compares texts, and looks into the span, its resource, scope, events and links alike. */
  attributes: Map<string, string>
  /** Service and operation are those of the root: Jaeger asks for any span, the rest is done here. */
  isOfRoot: boolean
}

/** The attributes under which Jaeger finds what OTLP has fields for. */
const errorAttribute = 'error'
const kindAttribute = 'span.kind'

/**
 * Says a TraceQL query in Jaeger's parameters: one `{ }` of conditions that all hold.
 * @throws QueryError where it is no query, or where Jaeger cannot ask that, with what and where
 */
export function translateQuery(text: string): JaegerQuery {
  const [stage, second] = parseQuery(text).stages
  if (second !== undefined) throw refused('a pipeline of several steps', text, second)
  if (stage?.kind !== 'filter') {
    const isStructure = stage?.kind === 'spansets'
    const what = isStructure ? `structure ("${stage.operator}" between spansets)` : 'aggregates'
    throw refused(what, text, stage)
  }
  const query: JaegerQuery = { attributes: new Map(), isOfRoot: false }
  const roots: Range[] = []
  const others: Range[] = []
  for (const condition of conditionsOf(stage.condition, text)) {
    const isRoot = addCondition(query, condition, text)
    ;(isRoot ? roots : others).push(condition.field)
  }
  query.isOfRoot = roots.length > 0
  if (query.isOfRoot && others[0]) throw refused('more than the root of a trace', text, others[0])
  return query
}

interface Condition extends Range {
  field: Field
  operator: string
  value: Literal
}

function conditionsOf(expression: Expression | undefined, text: string): Condition[] {
  if (expression === undefined) return []
  if (expression.kind !== 'binary') {
    throw refused(
      expression.kind === 'not' ? '"!"' : 'a value without a comparison',
      text,
      expression,
    )
  }
  const { operator, left, right, start, end } = expression
  if (operator === '&&') return [...conditionsOf(left, text), ...conditionsOf(right, text)]
  if (operator === '||') throw refused('"||"', text, expression)
  const isField = left.kind === 'attribute' || left.kind === 'intrinsic'
  if (!isField || right.kind !== 'literal') {
    throw refused('anything but a field on the left and a value on the right', text, expression)
  }
  return [{ field: left, operator, value: right, start, end }]
}

/** @returns whether it is about the root of the trace */
function addCondition(query: JaegerQuery, condition: Condition, text: string): boolean {
  const { field, value } = condition
  if (field.kind === 'intrinsic' && field.name === 'duration') {
    addDuration(query, condition, text)
    return false
  }
  if (condition.operator !== '=') throw refused(`"${condition.operator}" here`, text, condition)
  const wanted = value.value === null ? '' : String(value.value)
  const once = (key: 'service' | 'operation') => {
    if ((query[key] ?? wanted) !== wanted)
      throw refused(`two values of the ${key}`, text, condition)
    query[key] = wanted
  }
  if (field.kind === 'attribute') {
    if (field.scope === 'event' || field.scope === 'link') {
      throw refused(`attributes of the ${field.scope} alone`, text, field)
    }
    if (field.name === 'service.name' && field.scope !== 'span') once('service')
    else addAttribute(query, field.name, value.type === 'nil' ? undefined : wanted, condition, text)
    return false
  }
  switch (field.name) {
    case 'name':
      once('operation')
      return false
    case 'trace:rootName':
      once('operation')
      return true
    case 'trace:rootService':
      once('service')
      return true
    case 'status':
      if (wanted !== 'error') throw refused('a status other than error', text, value)
      addAttribute(query, errorAttribute, 'true', condition, text)
      return false
    case 'kind':
      if (wanted === 'unspecified') throw refused('the kind unspecified', text, value)
      addAttribute(query, kindAttribute, wanted, condition, text)
      return false
    default:
      throw refused(field.name, text, field)
  }
}

function addAttribute(
  query: JaegerQuery,
  name: string,
  value: string | undefined,
  condition: Condition,
  text: string,
): void {
  if (value === undefined) throw refused('for what is absent', text, condition)
  if ((query.attributes.get(name) ?? value) !== value) {
    throw refused(`two values of ${name}`, text, condition)
  }
  query.attributes.set(name, value)
}

function addDuration(query: JaegerQuery, condition: Condition, text: string): void {
  const { operator, value } = condition
  if (typeof value.value !== 'bigint') throw refused('this duration', text, value)
  const nanos = value.value
  const atLeast = operator === '>' ? nanos + 1n : nanos
  const atMost = operator === '<' ? nanos - 1n : nanos
  if (operator === '>=' || operator === '>' || operator === '=') {
    const before = query.durationMin ?? 0n
    query.durationMin = atLeast > before ? atLeast : before
  }
  if (operator === '<=' || operator === '<' || operator === '=') {
    // To Jaeger a bound of 0 is none.
    if (atMost <= 0n) throw refused('durations of nothing', text, condition)
    const before = query.durationMax ?? atMost
    query.durationMax = atMost < before ? atMost : before
  }
  if (operator === '!=') throw refused('"!=" here', text, condition)
}

function refused(what: string, text: string, where: Range = { start: 0, end: text.length }) {
  return new QueryError(`Jaeger cannot be asked for ${what}`, text, where.start, where.end)
}
