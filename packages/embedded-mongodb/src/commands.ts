import { type Document, Long } from 'bson'
import { Cursors } from './cursors.ts'
import { CommandError, description, remedy } from './errors.ts'
import { batchOption, countOption, maxWriteBatch, namespaceOf, refuseOthers } from './options.ts'
import { projector } from './projection.ts'
import { matcher, sorter } from './query.ts'
import { Store, type Stored } from './store.ts'
import { isDocument } from './values.ts'
import { maxDocumentBytes, maxMessageBytes } from './wire.ts'

type Command = (fields: Document) => Document

/** What drivers see of MongoDB 7.0; this one (7.9) accepts from 9 to 29. */
const maxWireVersion = 21

/** One server's data, and the commands on it. */
export class Commands {
  readonly #store = new Store()
  readonly #cursors = new Cursors()
  readonly #commands = new Map<string, Command>([
    ['hello', () => this.#hello()],
    ['isMaster', () => this.#hello()],
    ['ismaster', () => this.#hello()],
    ['ping', () => ({})],
    ['buildInfo', () => this.#buildInfo()],
    ['buildinfo', () => this.#buildInfo()],
    ['endSessions', () => ({})],
    ['find', (fields) => this.#find(fields)],
    ['getMore', (fields) => this.#getMore(fields)],
    ['killCursors', (fields) => this.#killCursors(fields)],
    ['insert', (fields) => this.#insert(fields)],
    ['delete', (fields) => this.#delete(fields)],
  ])

  /** Carries a command out. Never throws: the reply says what went wrong. */
  run(fields: Document): Document {
    // The name of a command is that of its first field.
    const name = Object.keys(fields)[0] ?? ''
    try {
      const command = this.#commands.get(name)
      if (command === undefined) {
        throw new CommandError(59, `no such command: '${name}' (${description}; ${remedy})`)
      }
      return { ...command(fields), ok: 1 }
    } catch (error) {
      if (error instanceof CommandError) return { ok: 0, ...describeError(error) }
      console.error(error)
      return { ok: 0, ...describeError(new CommandError(1, String(error))) }
    }
  }

  #hello(): Document {
    return {
      helloOk: true,
      ismaster: true,
      isWritablePrimary: true,
      readOnly: false,
      maxBsonObjectSize: maxDocumentBytes,
      maxMessageSizeBytes: maxMessageBytes,
      maxWriteBatchSize: maxWriteBatch,
      logicalSessionTimeoutMinutes: 30,
      minWireVersion: 0,
      maxWireVersion,
      localTime: new Date(),
    }
  }

  #buildInfo(): Document {
    return {
      version: `0.1.0 (${description})`,
      versionArray: [0, 1, 0, 0],
      description,
      storageEngines: ['memory'],
      modules: [],
      bits: 64,
      debug: false,
      maxBsonObjectSize: maxDocumentBytes,
    }
  }

  #find(fields: Document): Document {
    refuseOthers('find', fields, [
      'filter',
      'sort',
      'projection',
      'skip',
      'limit',
      'batchSize',
      'singleBatch',
    ])
    const namespace = namespaceOf(fields, fields.find)
    const skip = countOption(fields, 'skip') ?? 0
    const limit = countOption(fields, 'limit') || Number.POSITIVE_INFINITY
    const batchSize = countOption(fields, 'batchSize')
    const project = projector(fields.projection ?? {})
    const compare = fields.sort === undefined ? undefined : sorter(fields.sort)
    // Unsorted, the search ends when there is enough.
    const enough = compare === undefined ? skip + limit : Number.POSITIVE_INFINITY
    const found = this.#match(namespace, fields.filter, enough)
    if (compare !== undefined) found.sort((a, b) => compare(a.comparable, b.comparable))
    const documents = found.slice(skip, skip + limit).map(({ document }) => project(document))
    return { cursor: this.#cursors.first(namespace, documents, batchSize, fields.singleBatch) }
  }

  #match(namespace: string, filter: unknown = {}, enough = Number.POSITIVE_INFINITY): Stored[] {
    const matches = matcher(filter)
    const found: Stored[] = []
    for (const stored of this.#store.all(namespace)) {
      if (found.length >= enough) break
      if (matches(stored.comparable)) found.push(stored)
    }
    return found
  }

  #getMore(fields: Document): Document {
    refuseOthers('getMore', fields, ['collection', 'batchSize'])
    const namespace = namespaceOf(fields, fields.collection)
    const batchSize = countOption(fields, 'batchSize') || undefined
    return { cursor: this.#cursors.next(namespace, cursorId(fields.getMore), batchSize) }
  }

  #killCursors(fields: Document): Document {
    refuseOthers('killCursors', fields, ['cursors'])
    const namespace = namespaceOf(fields, fields.killCursors)
    const ids = batchOption<unknown>(fields, 'cursors').map(cursorId)
    const killed = ids.filter((id) => this.#cursors.kill(namespace, id))
    const unknown = ids.filter((id) => !killed.includes(id))
    return {
      cursorsKilled: killed.map((id) => Long.fromBigInt(id)),
      cursorsNotFound: unknown.map((id) => Long.fromBigInt(id)),
      cursorsAlive: [],
      cursorsUnknown: [],
    }
  }

  #insert(fields: Document): Document {
    refuseOthers('insert', fields, ['documents', 'ordered'])
    const namespace = namespaceOf(fields, fields.insert)
    return writeEach(fields, batchOption<unknown>(fields, 'documents'), (bson) => {
      if (!(bson instanceof Uint8Array)) throw new CommandError(9, 'only documents are inserted')
      this.#store.insert(namespace, bson)
      return 1
    })
  }

  #delete(fields: Document): Document {
    refuseOthers('delete', fields, ['deletes', 'ordered'])
    const namespace = namespaceOf(fields, fields.delete)
    return writeEach(fields, batchOption<unknown>(fields, 'deletes'), (item) => {
      if (!isDocument(item)) throw new CommandError(9, 'a delete must be a document')
      refuseOthers('delete', item, ['q', 'limit'])
      if (item.limit !== 0 && item.limit !== 1) {
        throw new CommandError(9, `The limit field in delete objects must be 0 or 1`)
      }
      const doomed = this.#match(namespace, item.q, item.limit || undefined)
      for (const stored of doomed) this.#store.remove(namespace, stored)
      return doomed.length
    })
  }
}

/** Does one write after another; the first error ends it, unless `ordered` is false. */
function writeEach<Item>(fields: Document, items: Item[], write: (item: Item) => number): Document {
  const writeErrors: Document[] = []
  let n = 0
  for (const [index, item] of items.entries()) {
    try {
      n += write(item)
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      writeErrors.push({ index, ...describeError(error) })
      if (fields.ordered !== false) break
    }
  }
  return writeErrors.length > 0 ? { n, writeErrors } : { n }
}

function describeError(error: CommandError): Document {
  const { code, codeName, message, details } = error
  return { errmsg: message, code, codeName, ...details }
}

function cursorId(value: unknown): bigint {
  // A small int64 has become a plain number by the time it is read.
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value)
  if (value instanceof Long) return value.toBigInt()
  throw new CommandError(9, 'a cursor id must be an int64')
}
