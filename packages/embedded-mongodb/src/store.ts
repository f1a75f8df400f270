import { BSONRegExp, type Document, deserialize, EJSON, ObjectId } from 'bson'
import { CommandError } from './errors.ts'
import { comparable } from './values.ts'
import { maxDocumentBytes } from './wire.ts'

/** A document twice: as it is given back, every type kept, and as it is compared. */
export interface Stored {
  readonly document: Document
  readonly comparable: unknown
  /** Its `_id` as text: equal texts are equal ids. */
  readonly key: string
  readonly bytes: number
}

const maxStoredBytes = 64 * 1024 * 1024

/** Collections in memory, by namespace (`database.collection`), in the order of insertion. */
export class Store {
  readonly #collections = new Map<string, Map<string, Stored>>()
  #bytes = 0

  all(namespace: string): Iterable<Stored> {
    return this.#collections.get(namespace)?.values() ?? []
  }

  /**
   * @param bson the document as it came; one without `_id` gets one
   * @throws CommandError for a duplicate `_id`, and for what cannot be stored
   */
  insert(namespace: string, bson: Uint8Array): void {
    if (bson.length > maxDocumentBytes) {
      throw new CommandError(10334, `document of ${bson.length} bytes; at most ${maxDocumentBytes}`)
    }
    const id = { _id: new ObjectId() }
    const document = { ...id, ...decode(bson, false) }
    const plain = { ...id, ...decode(bson, true) }
    const key = idKey(plain._id)
    const stored = { document, comparable: comparable(plain), key, bytes: bson.length }
    const collection = this.#collections.get(namespace) ?? new Map<string, Stored>()
    if (collection.has(key)) {
      const text = EJSON.stringify({ _id: plain._id })
      throw new CommandError(
        11000,
        `E11000 duplicate key error collection: ${namespace} index: _id_ dup key: ${text}`,
        { keyPattern: { _id: 1 }, keyValue: { _id: document._id } },
      )
    }
    if (this.#bytes + stored.bytes > maxStoredBytes) {
      throw new CommandError(14031, `no more than ${maxStoredBytes} bytes can be stored`)
    }
    this.#bytes += stored.bytes
    collection.set(key, stored)
    this.#collections.set(namespace, collection)
  }

  remove(namespace: string, stored: Stored): void {
    const collection = this.#collections.get(namespace)
    if (collection?.delete(stored.key) !== true) return
    this.#bytes -= stored.bytes
    if (collection.size === 0) this.#collections.delete(namespace)
  }
}

function decode(bson: Uint8Array, promote: boolean): Document {
  try {
    // Unpromoted, an int64 stays a Long and 1.0 a Double, and both are written as they came.
    return deserialize(bson, {
      promoteValues: promote,
      promoteLongs: promote,
      bsonRegExp: true,
    })
  } catch (error) {
    throw new CommandError(22, (error as Error).message)
  }
}

/** 1, 1.0 and an int64 of 1 are the same id; a string "1" is another. */
function idKey(id: unknown): string {
  if (id === undefined || Array.isArray(id) || id instanceof BSONRegExp) {
    throw new CommandError(2, 'an _id must not be undefined, an array or a regular expression')
  }
  return EJSON.stringify({ _id: id === 0 ? 0 : id }, { relaxed: false })
}
