import type {
  AggregateFilter,
  Binary,
  Expression,
  Field,
  Query,
  SpansetExpression,
  ValueType,
} from './ast.ts'
import { serviceName, typeOf } from './fields.ts'
import { QueryError } from './query-error.ts'

/**
 * Refuses what can never be meant: comparisons of different types, conditions that are none. The
 * rules are those of Tempo's `validate`.
 * @throws QueryError
 */
export function checkQuery({ stages }: Query, text: string): void {
  const checker = new Checker(text)
  for (const stage of stages) {
    if (stage.kind === 'aggregate') checker.aggregate(stage)
    else checker.spansets(stage)
  }
}

const numeric: ValueType[] = ['int', 'float', 'duration']
const ordered: ValueType[] = [...numeric, 'string']

class Checker {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  spansets(expression: SpansetExpression): void {
    if (expression.kind === 'spansets') {
      this.spansets(expression.left)
      this.spansets(expression.right)
    } else if (expression.condition !== undefined) this.#condition(expression.condition)
  }

  aggregate({ field }: AggregateFilter): void {
    if (field === undefined || isOneOf(typeOf(field), numeric)) return
    throw this.#error(`only numbers and durations can be summed up, not ${typeOf(field)}`, field)
  }

  #condition(expression: Expression): void {
    const type = this.#type(expression)
    if (isOneOf(type, ['bool'])) return
    throw this.#error(`expected a condition, found ${described(type)}`, expression)
  }

  #type(expression: Expression): ValueType {
    switch (expression.kind) {
      case 'literal':
        return expression.type
      case 'not':
        this.#condition(expression.operand)
        return 'bool'
      case 'binary':
        this.#binary(expression)
        return 'bool'
      default:
        return typeOf(expression)
    }
  }

  #binary(expression: Binary): void {
    const { operator, left, right } = expression
    if (operator === '&&' || operator === '||') {
      this.#condition(left)
      this.#condition(right)
      return
    }
    const types = [this.#type(left), this.#type(right)] as const
    if (types.includes('nil')) this.#nil(expression)
    else if (operator === '=~' || operator === '!~') this.#regex(expression, types[0])
    else this.#compared(expression, types)
  }

  #compared(expression: Binary, [left, right]: readonly [ValueType, ValueType]): void {
    const isSame = left === right || left === 'any' || right === 'any'
    if (!isSame && !(isOneOf(left, numeric) && isOneOf(right, numeric))) {
      const message = `${described(left)} cannot be compared with ${described(right)}`
      throw this.#error(message, expression)
    }
    if (expression.operator === '=' || expression.operator === '!=') return
    const unordered = [left, right].find((type) => !isOneOf(type, ordered))
    if (unordered === undefined) return
    throw this.#error(`${described(unordered)} is only = or !=`, expression)
  }

  #regex(expression: Binary, left: ValueType): void {
    const { right } = expression
    if (right.kind !== 'literal' || right.type !== 'string') {
      throw this.#error('a regular expression is a string', right)
    }
    if (isOneOf(left, ['string'])) return
    throw this.#error(`${described(left)} cannot match a regular expression`, expression.left)
  }

  #nil(expression: Binary): void {
    const { operator, left, right } = expression
    if (operator !== '=' && operator !== '!=') {
      throw this.#error('nil is only = or !=', expression)
    }
    const other = isNil(left) ? right : left
    if (operator === '=' && isNeverNil(other)) {
      throw this.#error('this is never nil', expression)
    }
  }

  #error(message: string, { start, end }: { start: number; end: number }): QueryError {
    return new QueryError(message, this.#text, start, end)
  }
}

export function isNil(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.type === 'nil'
}

function isNeverNil(expression: Expression): boolean {
  if (expression.kind === 'intrinsic') return true
  return expression.kind === 'attribute' && isServiceName(expression)
}

/** Of the resource, where it is never missing. */
export function isServiceName(field: Field): boolean {
  return field.kind === 'attribute' && field.scope === 'resource' && field.name === serviceName
}

function isOneOf(type: ValueType, types: readonly ValueType[]): boolean {
  return type === 'any' || types.includes(type)
}

function described(type: ValueType): string {
  const words: Partial<Record<ValueType, string>> = {
    int: 'an integer',
    nil: 'nil',
    bool: 'a condition',
    any: 'an attribute',
  }
  return words[type] ?? `a ${type}`
}
