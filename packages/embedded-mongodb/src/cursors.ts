import { calculateObjectSize, type Document, Long } from 'bson'
import { CommandError } from './errors.ts'
import { maxDocumentBytes } from './wire.ts'

interface Cursor {
  readonly namespace: string
  /** What is still to be handed out. */
  readonly rest: Document[]
  usedAt: number
}

/** A forgotten cursor goes after ten idle minutes, as MongoDB's do, or when there are too many. */
const idleMs = 10 * 60 * 1000
const maxCursors = 1_000
/** MongoDB's default for the first batch. */
const firstBatchSize = 101

/** The results that do not fit into one reply. They belong to the server, not to a connection. */
export class Cursors {
  readonly #open = new Map<bigint, Cursor>()
  #lastId = 0n

  /** The first batch of a result, and a cursor on what is left, unless `single`. */
  first(namespace: string, documents: Document[], size = firstBatchSize, single = false) {
    const rest = [...documents]
    const firstBatch = takeBatch(rest, size)
    const id = rest.length > 0 && !single ? this.#add({ namespace, rest, usedAt: Date.now() }) : 0n
    return { firstBatch, id: Long.fromBigInt(id), ns: namespace }
  }

  /**
   * The next batch, everything that fits when no size is given. An id of 0 says that it was the last.
   * @throws CommandError when there is no such cursor on this namespace
   */
  next(namespace: string, id: bigint, size = Number.POSITIVE_INFINITY) {
    const cursor = this.#open.get(id)
    if (cursor?.namespace !== namespace) throw new CommandError(43, `cursor id ${id} not found`)
    const nextBatch = takeBatch(cursor.rest, size)
    cursor.usedAt = Date.now()
    const done = cursor.rest.length === 0
    if (done) this.#open.delete(id)
    return { nextBatch, id: Long.fromBigInt(done ? 0n : id), ns: namespace }
  }

  /** Whether there was such a cursor on this namespace. */
  kill(namespace: string, id: bigint): boolean {
    return this.#open.get(id)?.namespace === namespace && this.#open.delete(id)
  }

  #add(cursor: Cursor): bigint {
    for (const [id, { usedAt }] of this.#open) {
      if (this.#open.size >= maxCursors || cursor.usedAt - usedAt > idleMs) this.#open.delete(id)
    }
    this.#lastId += 1n
    this.#open.set(this.#lastId, cursor)
    return this.#lastId
  }
}

/** Takes documents off the front: at most `size`, and no more bytes than one document may have. */
function takeBatch(rest: Document[], size: number): Document[] {
  let bytes = 0
  let count = 0
  for (const document of rest) {
    bytes += calculateObjectSize(document)
    if (count === size || (count > 0 && bytes > maxDocumentBytes)) break
    count += 1
  }
  return rest.splice(0, count)
}
