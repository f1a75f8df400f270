import type { Document } from 'bson'
import { CommandError, unsupported } from './errors.ts'

/** Part of any command. Sessions are ids without effect, as long as there are no transactions. */
const common = new Set([
  '$db',
  'lsid',
  '$clusterTime',
  '$readPreference',
  'comment',
  // Nothing here runs long or waits; a single server in memory has one read and one write concern.
  'maxTimeMS',
  'readConcern',
  'writeConcern',
])

/**
 * Refuses what a command would need for being carried out as asked.
 * @param known the fields that the command understands, without the common ones
 * @throws CommandError that names the first other field
 */
export function refuseOthers(command: string, fields: Document, known: readonly string[]): void {
  for (const name of Object.keys(fields)) {
    if (name !== command && !common.has(name) && !known.includes(name)) {
      throw unsupported(`the option ${name} of ${command}`)
    }
  }
  const { w, j } = fields.writeConcern ?? {}
  if ((typeof w === 'number' && w > 1) || j) {
    throw unsupported('a write concern beyond the memory of one server')
  }
  const level = fields.readConcern?.level
  if (level === 'linearizable' || level === 'snapshot') throw unsupported(`read concern ${level}`)
}

/**
 * A count such as a limit.
 * @throws CommandError when it is there and is no integer from 0
 */
export function countOption(fields: Document, name: string): number | undefined {
  const value: unknown = fields[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new CommandError(2, `${name} must be an integer from 0`)
  }
  return value
}

/**
 * `database.collection`, from the command's first field and its database.
 * @throws CommandError when one of the two is no valid name
 */
export function namespaceOf(fields: Document, collection: unknown): string {
  const database: unknown = fields.$db
  if (typeof database !== 'string' || !/^[^/\\. "$\0]{1,63}$/.test(database)) {
    throw new CommandError(73, `Invalid database name: ${String(database)}`)
  }
  if (typeof collection !== 'string' || !/^[^.$\0][^$\0]{0,199}$/.test(collection)) {
    throw new CommandError(73, `Invalid collection name: ${String(collection)}`)
  }
  return `${database}.${collection}`
}

/**
 * A list of documents, as the writes of a command are.
 * @throws CommandError when it is none, is empty, or is longer than a driver may send
 */
export function batchOption<Item>(fields: Document, name: string): Item[] {
  const items: unknown = fields[name]
  if (!Array.isArray(items) || items.length === 0 || items.length > maxWriteBatch) {
    throw new CommandError(2, `${name} must have from 1 to ${maxWriteBatch} elements`)
  }
  return items
}

export const maxWriteBatch = 100_000
