import type { Document } from 'bson'
import { CommandError, unsupported } from './errors.ts'
import { isDocument } from './values.ts'

/** The paths of a projection as a tree; a leaf is an empty map. */
type Paths = Map<string, Paths>

/**
 * Compiles a projection of plain inclusions or exclusions, such as `{ a: 1, 'b.c': 1, _id: 0 }`.
 * @throws CommandError when it mixes the two, and for computed and positional ones
 */
export function projector(projection: unknown): (document: Document) => Document {
  if (!isDocument(projection)) throw new CommandError(9, 'a projection must be a document')
  const entries = Object.entries(projection).map(([path, value]) => {
    const plain = typeof value === 'number' || typeof value === 'boolean'
    if (!plain || path.includes('$')) throw unsupported(`the projection of ${path}`)
    return { path, include: Boolean(value) }
  })
  if (entries.length === 0) return (document) => document
  const named = entries.filter(({ path }) => path !== '_id')
  const id = entries.find(({ path }) => path === '_id')
  const including = (named[0] ?? id)?.include === true
  const odd = named.find(({ include }) => include !== including)
  if (odd !== undefined) {
    throw new CommandError(2, `Cannot mix inclusion and exclusion in a projection: ${odd.path}`)
  }
  // _id alone may differ from the rest, and is included unless it is said not to be.
  const listsId = including ? id?.include !== false : id?.include === false
  const paths: Paths = new Map(listsId ? [['_id', new Map()]] : [])
  for (const { path } of named) addPath(paths, path)
  return (document) => project(document, paths, including) as Document
}

function addPath(paths: Paths, path: string): void {
  const names = path.split('.')
  let at = paths
  for (const [depth, name] of names.entries()) {
    const next = at.get(name)
    const last = depth === names.length - 1
    // { a: 1, 'a.b': 1 }: one of the two would be without effect.
    if (next !== undefined && (last || next.size === 0)) {
      throw new CommandError(2, `Path collision at ${path}`)
    }
    const child: Paths = next ?? new Map()
    at.set(name, child)
    at = child
  }
}

function project(value: unknown, paths: Paths, including: boolean): unknown {
  if (Array.isArray(value)) {
    const kept = including ? value.filter((item) => isDocument(item) || Array.isArray(item)) : value
    return kept.map((item) => project(item, paths, including))
  }
  if (!isDocument(value)) return value
  const fields = Object.entries(value).flatMap(([name, field]): [string, unknown][] => {
    const below = paths.get(name)
    if (below === undefined) return including ? [] : [[name, field]]
    if (below.size === 0) return including ? [[name, field]] : []
    // A path that goes on below a plain value includes nothing of it.
    const scalar = !isDocument(field) && !Array.isArray(field)
    if (including && scalar) return []
    return [[name, project(field, below, including)]]
  })
  return Object.fromEntries(fields)
}
