import type { AttributeProbes } from '../block-keys.ts'
import type { ChunkFile, ChunkWriter } from './chunk-file.ts'

/** Of a block with as many keys as most, about one of 900 others gets through. */
const bitsPerKey = 16
const bitsInKey = 7

export interface BlockFilterPlace {
  chunk: number
  /** Bits in the filter of each block. */
  bits: number
  /** Bytes that one bit of all blocks takes. */
  rowBytes: number
}

/**
 * Writes a Bloom filter for each block, all of one size, turned on their side: all first bits, then
 * all second bits, and so on. So a question about one attribute reads a few short rows of bits,
 * however many blocks there are, and has the answer for all of them at once.
 *
 * They are as large as most blocks need. A block that has many more keys than others gets a filter
 * that is too full: it lets more through, and is right all the same.
 */
export function* writeBlockFilter(
  writer: ChunkWriter,
  keys: readonly Uint32Array[],
): Generator<void, BlockFilterPlace> {
  const sum = keys.reduce((total, { length }) => total + length, 0)
  const most = keys.reduce((largest, { length }) => Math.max(largest, length), 1)
  const bits = Math.ceil(Math.min(most, (2 * sum) / Math.max(keys.length, 1) + 1) * bitsPerKey)
  const rowBytes = Math.ceil(keys.length / 8)
  const rows = Buffer.alloc(bits * rowBytes)
  for (const [block, hashes] of keys.entries()) {
    const at = block >>> 3
    const mask = 1 << (block & 7)
    for (const hash of hashes) {
      for (let i = 0; i < bitsInKey; i++) rows[bitOf(hash, i, bits) * rowBytes + at]! |= mask
    }
    if (block % 16 === 0) yield
  }
  // Half of the bits are set: there is nothing to compress, and rows can be read by themselves.
  return { chunk: writer.add('index', rows, { compress: false }), bits, rowBytes }
}

/** Which blocks may have all the attributes, as a bit each; undefined when that cannot be read. */
export function candidateBlocks(
  file: ChunkFile,
  { chunk, bits, rowBytes }: BlockFilterPlace,
  probes: AttributeProbes,
): Uint8Array | undefined {
  const candidates = new Uint8Array(rowBytes).fill(0xff)
  for (const hashes of probes) {
    const ofAny = new Uint8Array(rowBytes)
    for (const hash of hashes) {
      const ofAll = new Uint8Array(rowBytes).fill(0xff)
      for (let i = 0; i < bitsInKey; i++) {
        const row = file.part(chunk, bitOf(hash, i, bits) * rowBytes, rowBytes)
        if (row === undefined) return undefined
        for (let at = 0; at < rowBytes; at++) ofAll[at]! &= row[at]!
      }
      for (let at = 0; at < rowBytes; at++) ofAny[at]! |= ofAll[at]!
    }
    for (let at = 0; at < rowBytes; at++) candidates[at]! &= ofAny[at]!
  }
  return candidates
}

/** The i-th of the bits that stand for a hash. */
function bitOf(hash: number, i: number, bits: number): number {
  const step = Math.imul(hash, 0x9e3779b1) | 1
  return Math.floor((((hash + Math.imul(i, step)) >>> 0) * bits) / 2 ** 32)
}
