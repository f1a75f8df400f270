import { Binary, BSONRegExp, ObjectId } from 'bson'
import { CommandError, unsupported } from './errors.ts'

/** Binary data as something mingo can compare: it compares unknown classes by their text. */
export class Bytes {
  readonly #text: string

  constructor(binary: Binary) {
    // MongoDB's order: by length, then subtype, then bytes.
    const length = binary.position.toString(16).padStart(8, '0')
    const subtype = binary.sub_type.toString(16).padStart(2, '0')
    this.#text = length + subtype + binary.toString('hex')
  }

  toString(): string {
    return this.#text
  }
}

/**
 * A copy of a decoded value in which everything compares as it does in MongoDB.
 * @throws CommandError for the types that would not: an int64 beyond 2^53 (a smaller one is a plain
 * number by now), decimals, timestamps, code and other rare ones
 */
export function comparable(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (value instanceof ObjectId || value instanceof Date) return value
  if (value instanceof BSONRegExp) return pattern(value)
  if (Array.isArray(value)) return value.map(comparable)
  if (value instanceof Binary) return new Bytes(value)
  if ('_bsontype' in value) throw unsupported(`a value of type ${typeName(value._bsontype)}`)
  // fromEntries defines properties: a field named __proto__ stays a field.
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, comparable(field)]))
}

/** MongoDB's patterns are Perl's; most of them mean the same in JavaScript. */
function pattern({ pattern: source, options }: BSONRegExp): RegExp {
  if (!/^[ims]*$/.test(options)) throw unsupported(`a pattern with the options ${options}`)
  try {
    return new RegExp(source, options)
  } catch (error) {
    throw new CommandError(2, (error as Error).message)
  }
}

const typeName = (type: unknown) => (type === 'Long' ? 'int64 beyond 2^53' : String(type))

/** All values at a dotted path, through arrays, as a sort sees them. */
export function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  const [first, ...rest] = path
  if (first === undefined) return Array.isArray(value) ? value : [value]
  if (Array.isArray(value)) {
    const indexed = /^\d+$/.test(first) && Object.hasOwn(value, first)
    const inElements = value.filter(isDocument).flatMap((element) => valuesAt(element, path))
    return indexed ? [...valuesAt(value[Number(first)], rest), ...inElements] : inElements
  }
  if (!isDocument(value) || !Object.hasOwn(value, first)) return []
  return valuesAt(value[first], rest)
}

/** A sub-document; dates, ids and the like are values. */
export function isDocument(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) === Object.prototype
  )
}

/** https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/ */
function rank(value: unknown): number {
  if (value === null || value === undefined) return 1
  if (typeof value === 'number') return 2
  if (typeof value === 'string') return 3
  if (typeof value === 'boolean') return 8
  if (Array.isArray(value)) return 5
  if (value instanceof Bytes) return 6
  if (value instanceof ObjectId) return 7
  if (value instanceof Date) return 9
  if (value instanceof RegExp) return 10
  return 4
}

/** Orders two comparable values as MongoDB sorts them: by type, then by value. */
export function compareValues(a: unknown, b: unknown): number {
  const kind = rank(a)
  if (kind !== rank(b)) return kind - rank(b)
  switch (kind) {
    case 1:
      return 0
    case 2:
    case 8:
    case 9:
      return compareNumbers(Number(a), Number(b))
    case 3:
      // By bytes of UTF-8; JavaScript's own order is by UTF-16 and differs beyond U+FFFF.
      return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string))
    case 4:
      return compareLists(fieldsOf(a as object), fieldsOf(b as object))
    case 5:
      return compareLists(a as unknown[], b as unknown[])
    default:
      return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)))
  }
}

/** Documents compare field by field: by the type of the field, its name, its value. */
function fieldsOf(document: object): unknown[] {
  return Object.entries(document).flatMap(([name, value]) => [rank(value), name, value])
}

function compareNumbers(a: number, b: number): number {
  // NaN is the smallest number.
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a))
  return Math.sign(a - b) || 0
}

function compareLists(a: unknown[], b: unknown[]): number {
  for (const [index, value] of a.entries()) {
    if (index >= b.length) return 1
    const order = compareValues(value, b[index])
    if (order !== 0) return order
  }
  return a.length - b.length
}
