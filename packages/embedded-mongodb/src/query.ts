import type { Document } from 'bson'
import { Query } from 'mingo'
import { CommandError, unsupported } from './errors.ts'
import { comparable, compareValues, isDocument, valuesAt } from './values.ts'

/** The operators that mean here exactly what they mean in MongoDB; $where runs no JavaScript. */
const operators = new Set([
  ...['$and', '$or', '$nor', '$not'],
  ...['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$in', '$nin', '$mod'],
  ...['$exists', '$regex', '$options', '$elemMatch', '$size', '$all'],
])

/**
 * Compiles a filter for comparable documents. One difference from MongoDB is left: two whole
 * sub-documents are equal here although their fields are in different orders.
 * @throws CommandError when it is wrong, or uses what this server cannot do
 */
export function matcher(filter: unknown): (document: unknown) => boolean {
  if (!isDocument(filter)) throw new CommandError(9, 'a filter must be a document')
  refuseNames(filter)
  try {
    const query = new Query(comparable(filter) as Document, { scriptEnabled: false })
    return (document) => query.test(document as Document)
  } catch (error) {
    if (error instanceof CommandError) throw error
    // mingo reports a wrong filter as a plain Error.
    throw new CommandError(2, (error as Error).message)
  }
}

function refuseNames(value: unknown): void {
  if (Array.isArray(value)) value.forEach(refuseNames)
  if (!isDocument(value)) return
  for (const [name, inner] of Object.entries(value)) {
    if (name.startsWith('$') && !operators.has(name)) throw unsupported(`the operator ${name}`)
    refusePrototype(name)
    refuseNames(inner)
  }
}

/** mingo reads some paths through the prototype, and would drop such a condition in silence. */
function refusePrototype(path: string): void {
  if (path.split('.').includes('__proto__')) throw unsupported('a path through __proto__')
}

interface SortKey {
  path: string[]
  direction: 1 | -1
}

/**
 * Makes the comparison of a sort such as `{ a: 1, 'b.c': -1 }` for comparable documents.
 * @throws CommandError when a direction is neither 1 nor -1, or a sort is by something else
 */
export function sorter(sort: unknown): (a: unknown, b: unknown) => number {
  if (!isDocument(sort)) throw new CommandError(9, 'a sort must be a document')
  const keys = Object.entries(sort).map(([path, direction]): SortKey => {
    if (path.startsWith('$') || isDocument(direction)) throw unsupported(`the sort by ${path}`)
    if (direction !== 1 && direction !== -1) {
      throw new CommandError(2, `the sort by ${path} must be 1 (ascending) or -1 (descending)`)
    }
    return { path: path.split('.'), direction }
  })
  return (a, b) => {
    for (const key of keys) {
      const order = compareValues(sortKey(a, key), sortKey(b, key))
      if (order !== 0) return order * key.direction
    }
    return 0
  }
}

/** Of an array, the smallest element counts when ascending and the largest when descending. */
function sortKey(document: unknown, { path, direction }: SortKey): unknown {
  const values = valuesAt(document, path)
  return values.reduce(
    (best, value) => (compareValues(value, best) * direction < 0 ? value : best),
    values[0],
  )
}
