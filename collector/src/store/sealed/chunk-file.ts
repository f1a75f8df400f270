import { closeSync, fstatSync, openSync, readSync, writevSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { compressSync, uncompressSync } from 'lz4-napi'

/**
 * A sealed segment is a file of chunks, one after the other (integers little-endian):
 *
 *   offset  bytes
 *        0      4  magic "PTC1"
 *        4      4  CRC-32 of all that follows, from here to the end of the content
 *        8      4  length of the content in the file
 *       12      4  of a block: where in the unsealed segment its first record was; otherwise 0
 *       16      1  kind: 1 a block of records, 2 a part of the index, 3 the table of contents
 *       17      1  1 when the content is compressed by LZ4, behind its length
 *       18      2  zero
 *       20         content
 *
 * The table of contents is the last chunk; behind it, 12 bytes say where it starts: a magic number,
 * the offset, the CRC-32 of these eight bytes. Columns of numbers are as this processor has them in
 * memory, which is little-endian wherever Node.js is at home.
 */
const headerLength = 20
const magic = Buffer.from('PTC1')
const endMagic = Buffer.from('PTS1')
const endLength = 12
const kinds = { block: 1, index: 2, contents: 3 }

export type ChunkKind = keyof typeof kinds

/** A block of records, as it was in the segment before that was sealed. */
export interface Block {
  start: number
  records: Buffer
}

/** Writes the chunks of a new file. */
export class ChunkWriter {
  readonly path: string
  readonly #fd: number
  readonly #offsets: number[] = []
  #position = 0

  /** @throws where the file cannot be made, or is there */
  constructor(path: string) {
    this.path = path
    this.#fd = openSync(path, 'wx')
  }

  get fd(): number {
    return this.#fd
  }

  /** Bytes so far. */
  get size(): number {
    return this.#position
  }

  /** How many chunks there are; the number of the next. */
  get count(): number {
    return this.#offsets.length
  }

  /**
   * @returns the number of the chunk
   * @throws when it could not be written whole
   */
  add(kind: ChunkKind, content: Buffer, { start = 0, compress = true } = {}): number {
    const stored = compress ? compressSync(content) : content
    const header = Buffer.alloc(headerLength)
    magic.copy(header)
    header.writeUInt32LE(stored.length, 8)
    header.writeUInt32LE(start, 12)
    header.writeUInt8(kinds[kind], 16)
    header.writeUInt8(compress ? 1 : 0, 17)
    header.writeUInt32LE(crc32(stored, crc32(header.subarray(8))), 4)
    const offset = this.#position
    this.#write([header, stored], headerLength + stored.length)
    return this.#offsets.push(offset) - 1
  }

  /** Ends the file with its table of contents, to which `footer` is added. */
  finish(footer: object): void {
    const contents = JSON.stringify({ ...footer, offsets: this.#offsets })
    const end = Buffer.alloc(endLength)
    endMagic.copy(end)
    end.writeUInt32LE(this.#position, 4)
    end.writeUInt32LE(crc32(end.subarray(0, 8)), 8)
    this.add('contents', Buffer.from(contents))
    this.#write([end], endLength)
  }

  close(): void {
    closeSync(this.#fd)
  }

  #write(parts: Buffer[], length: number): void {
    const written = writevSync(this.#fd, parts, this.#position)
    if (written < length) throw new Error(`only ${written} of ${length} bytes fitted`)
    this.#position += length
  }
}

/** Reads the chunks of a file that is whole, each when it is asked for. */
export class ChunkFile {
  readonly path: string
  /** Bytes on the disk. */
  readonly size: number
  readonly footer: unknown
  readonly #fd: number
  /** Where each chunk starts, and where the last one ends. */
  readonly #offsets: Uint32Array
  #isOpen = true
  readonly #damaged = new Set<number>()

  /** @throws where the file cannot be read, or is not whole */
  constructor(path: string) {
    this.path = path
    this.#fd = openSync(path, 'r')
    try {
      this.size = fstatSync(this.#fd).size
      const end = this.#read(this.size - endLength, endLength)
      const isEnd = end !== undefined && endMagic.compare(end, 0, 4) === 0
      if (!isEnd || crc32(end.subarray(0, 8)) !== end.readUInt32LE(8)) throw new Error('no end')
      const start = end.readUInt32LE(4)
      const bytes = this.#read(start, this.size - endLength - start)
      const contents = bytes && readChunk(bytes, 0)
      if (contents?.kind !== kinds.contents) throw new Error('no table of contents')
      const { offsets, ...footer } = JSON.parse(contentOf(contents).toString())
      this.footer = footer
      this.#offsets = Uint32Array.from([...offsets, start])
    } catch (error) {
      closeSync(this.#fd)
      throw error
    }
  }

  /** Of the chunks that turned out to be damaged so far. */
  get damagedBytes(): number {
    return [...this.#damaged].reduce((sum, chunk) => sum + this.#sizeOf(chunk), 0)
  }

  /** Whether all chunks from this one on are as they were written. */
  isWholeFrom(first: number): boolean {
    for (let chunk = first; chunk < this.#offsets.length - 1; chunk++) {
      const bytes = this.#bytesOf(chunk)
      if (bytes === undefined || readChunk(bytes, 0) === undefined) return false
    }
    return true
  }

  /** The content of a chunk; undefined when it is damaged, which is said once for a file. */
  chunk(chunk: number): Buffer | undefined {
    const bytes = this.#bytesOf(chunk)
    const content = bytes && tryContentOf(readChunk(bytes, 0))
    if (content === undefined && this.#isOpen) {
      if (this.#damaged.size === 0) {
        const size = this.#sizeOf(chunk)
        console.warn(`collector: skipped damage in ${this.path}, chunk ${chunk} of ${size} bytes`)
      }
      this.#damaged.add(chunk)
    }
    return content
  }

  /** A part of the content of a chunk that is not compressed; its checksum is not looked at. */
  part(chunk: number, offset: number, length: number): Buffer | undefined {
    return this.#read(this.#offsets[chunk]! + headerLength + offset, length)
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    closeSync(this.#fd)
  }

  /** On the disk, header included. */
  #sizeOf(chunk: number): number {
    return this.#offsets[chunk + 1]! - this.#offsets[chunk]! || 0
  }

  #bytesOf(chunk: number): Buffer | undefined {
    const start = this.#offsets[chunk]
    const end = this.#offsets[chunk + 1]
    if (start === undefined || end === undefined) return undefined
    return this.#read(start, end - start)
  }

  /** Undefined when there are fewer, or somebody still asks after the file was closed. */
  #read(position: number, length: number): Buffer | undefined {
    if (!this.#isOpen || position < 0) return undefined
    const bytes = Buffer.allocUnsafe(length)
    return readSync(this.#fd, bytes, 0, length, position) < length ? undefined : bytes
  }
}

/**
 * The blocks that are whole in a sealed file, whatever happened to the rest of it, and how many
 * bytes of it are no chunk.
 */
export function* readBlocks(bytes: Buffer): Generator<Block, number> {
  let skipped = 0
  let at = 0
  while (at < bytes.length) {
    const chunk = readChunk(bytes, at)
    if (chunk === undefined) {
      const next = bytes.indexOf(magic, at + 1)
      const end = next === -1 ? bytes.length : next
      // The last bytes say where the table of contents is.
      const isEnd = next === -1 && end - at === endLength
      if (!isEnd) skipped += end - at
      at = end
      continue
    }
    const records = chunk.kind === kinds.block ? tryContentOf(chunk) : undefined
    if (records !== undefined) yield { start: chunk.start, records }
    at += headerLength + chunk.stored.length
  }
  return skipped
}

interface Chunk {
  kind: number
  start: number
  isCompressed: boolean
  stored: Buffer
}

/** Undefined where there is no whole and sound one. */
function readChunk(bytes: Buffer, at: number): Chunk | undefined {
  if (at + headerLength > bytes.length) return undefined
  if (magic.compare(bytes, at, at + magic.length) !== 0) return undefined
  const end = at + headerLength + bytes.readUInt32LE(at + 8)
  if (end > bytes.length) return undefined
  if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) return undefined
  return {
    start: bytes.readUInt32LE(at + 12),
    kind: bytes.readUInt8(at + 16),
    isCompressed: bytes.readUInt8(at + 17) === 1,
    stored: bytes.subarray(at + headerLength, end),
  }
}

function contentOf({ isCompressed, stored }: Chunk): Buffer {
  return isCompressed ? uncompressSync(stored) : stored
}

/** The checksum is right, so only a file of another version could not be uncompressed. */
function tryContentOf(chunk: Chunk | undefined): Buffer | undefined {
  try {
    return chunk && contentOf(chunk)
  } catch (error) {
    console.warn(`collector: a sealed segment cannot be uncompressed: ${error}`)
    return undefined
  }
}
