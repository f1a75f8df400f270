import type {
  AttributeScope,
  Expression,
  Field,
  Literal,
  LiteralValue,
  Query,
  SpansetExpression,
  Stage,
} from './ast.ts'
import { intrinsics, isNameCharacter, scopePrefixes } from './fields.ts'
import { printDuration, printFloat } from './numbers.ts'
import { printQuotedName, printString } from './strings.ts'

/** The text of a query; reading it back gives the same query. */
export function printQuery({ stages }: Query): string {
  return stages.map(printStage).join(' | ')
}

function printStage(stage: Stage): string {
  if (stage.kind !== 'aggregate') return printSpansets(stage)
  const field = stage.field === undefined ? '' : printField(stage.field)
  return `${stage.function}(${field}) ${stage.operator} ${printLiteral(stage.value)}`
}

/** Every operation that is an operand stands in parentheses: nobody has to know what binds first. */
function printSpansets(expression: SpansetExpression): string {
  if (expression.kind === 'filter') {
    const { condition } = expression
    return condition === undefined ? '{ }' : `{ ${printExpression(condition)} }`
  }
  const operand = (each: SpansetExpression) =>
    each.kind === 'filter' ? printSpansets(each) : `(${printSpansets(each)})`
  return `${operand(expression.left)} ${expression.operator} ${operand(expression.right)}`
}

function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return printLiteral(expression)
    case 'not':
      return `!${printOperand(expression.operand)}`
    case 'binary':
      return `${printOperand(expression.left)} ${expression.operator} ${printOperand(expression.right)}`
    default:
      return printField(expression)
  }
}

function printOperand(expression: Expression): string {
  const text = printExpression(expression)
  return expression.kind === 'binary' ? `(${text})` : text
}

function printField(field: Field): string {
  if (field.kind === 'intrinsic') return intrinsics[field.name].names[0]!
  return `${scopePrefixes[field.scope]}${printName(field)}`
}

/** The condition that an attribute has this value, which is what a viewer asks for. */
export function printComparison(
  scope: AttributeScope,
  name: string,
  value: string | number | bigint | boolean,
): string {
  const nowhere = { start: 0, end: 0 }
  return printExpression({
    kind: 'binary',
    operator: '=',
    left: { kind: 'attribute', scope, name, ...nowhere },
    right: { kind: 'literal', ...literalOf(value), ...nowhere },
    ...nowhere,
  })
}

function literalOf(value: string | number | bigint | boolean): LiteralValue {
  if (typeof value === 'string') return { type: 'string', value }
  if (typeof value === 'boolean') return { type: 'bool', value }
  return typeof value === 'bigint' ? { type: 'int', value } : { type: 'float', value }
}

function printName({ scope, name }: { scope: string; name: string }): string {
  const isPlain = [...name].every(isNameCharacter) && !name.includes('"')
  // A dot before a digit starts a number.
  const isNumber = scope === 'any' && /^\d/.test(name)
  return isPlain && !isNumber && name !== '' ? name : printQuotedName(name)
}

function printLiteral(literal: Literal): string {
  switch (literal.type) {
    case 'string':
      return printString(literal.value)
    case 'duration':
      return printDuration(literal.value)
    case 'float':
      return printFloat(literal.value)
    case 'nil':
      return 'nil'
    default:
      return String(literal.value)
  }
}
