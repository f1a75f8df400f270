import type { Expression } from './ast.ts'
import { serviceName } from './fields.ts'

/**
 * Texts that every span which fits has among its attributes' keys and its texts, its scope's and
 * its resource's: where one of them is not in the bytes, nobody has to decode them. Not all that
 * could be said, only what surely can.
 */
export function textsOf(expression: Expression | undefined): string[] {
  return [...new Set(required(expression))].filter(
    // What is no valid text is stored as something else.
    (text) => text !== '' && !/[\p{Surrogate}\ufffd]/u.test(text),
  )
}

function required(expression: Expression | undefined): string[] {
  if (expression?.kind === 'attribute') return keyOf(expression)
  if (expression?.kind !== 'binary') return []
  const { operator, left, right } = expression
  if (operator === '&&') return [...required(left), ...required(right)]
  if (operator === '||') return []
  const isNil = [left, right].some((each) => each.kind === 'literal' && each.type === 'nil')
  // A field that is not there fits no comparison, except for this one.
  if (isNil && operator === '=') return []
  return [left, right].flatMap((each) => {
    if (each.kind === 'attribute') return keyOf(each)
    const isText = each.kind === 'literal' && each.type === 'string' && operator === '='
    return isText && isStoredAsText(each === left ? right : left) ? [each.value] : []
  })
}

/** A service has a name even where the resource has none. */
function keyOf({ scope, name }: { scope: string; name: string }): string[] {
  return name === serviceName && scope !== 'span' ? [] : [name]
}

function isStoredAsText(expression: Expression): boolean {
  if (expression.kind === 'attribute') return expression.name !== serviceName
  const texts = [
    'name',
    'statusMessage',
    'event:name',
    'instrumentation:name',
    'instrumentation:version',
  ]
  return expression.kind === 'intrinsic' && texts.includes(expression.name)
}
