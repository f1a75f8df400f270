import type { AttributeValue } from '@pingtrace/otlp'
import type { Comparator } from './ast.ts'

/** Whether a value is to another what an operator says. */
export type Test = (a: AttributeValue, b: AttributeValue) => boolean

/**
 * Values of different types are neither equal nor unequal nor ordered: no test holds. Of a list, one
 * element must fit, for `!=` all of them; two lists are not compared. That is how Tempo has it.
 */
export function comparison(operator: Comparator): Test {
  const test = scalarTests[operator]
  const needsAll = operator === '!='
  const compare: Test = (a, b) => {
    if (Array.isArray(a)) {
      return !Array.isArray(b) && holds(a, needsAll, (element) => compare(element, b))
    }
    if (Array.isArray(b)) return holds(b, needsAll, (element) => compare(a, element))
    return test(a, b)
  }
  return compare
}

/** Whether all elements of a list fit, or one of them. */
export function holds<T>(list: readonly T[], needsAll: boolean, fits: (element: T) => boolean) {
  return needsAll ? list.every(fits) : list.some(fits)
}

const scalarTests: Record<Comparator, Test> = {
  '=': areEqual,
  '!=': (a, b) => areComparable(a, b) && !areEqual(a, b),
  '<': isLess,
  '>': (a, b) => isLess(b, a),
  '<=': (a, b) => isLess(a, b) || (!isBoolean(a) && areEqual(a, b)),
  '>=': (a, b) => isLess(b, a) || (!isBoolean(a) && areEqual(a, b)),
}

function areEqual(a: AttributeValue, b: AttributeValue): boolean {
  // Between a number and a bigint === never holds.
  if (isNumber(a) && isNumber(b)) return a <= b && a >= b
  return areComparable(a, b) && a === b
}

function areComparable(a: AttributeValue, b: AttributeValue): boolean {
  if (isNumber(a)) return isNumber(b)
  return typeof a === typeof b && (typeof a === 'string' || isBoolean(a))
}

function isLess(a: AttributeValue, b: AttributeValue): boolean {
  if (isNumber(a) && isNumber(b)) return a < b
  return typeof a === 'string' && typeof b === 'string' && isTextLess(a, b)
}

/** By code points, which is the order of the bytes in UTF-8; JavaScript's own differs above U+FFFF. */
function isTextLess(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length)
  let at = 0
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++
  if (at === length) return a.length < b.length
  return rank(a.charCodeAt(at)) < rank(b.charCodeAt(at))
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit
}

export function isNumber(value: AttributeValue): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function isBoolean(value: AttributeValue): value is boolean {
  return typeof value === 'boolean'
}
