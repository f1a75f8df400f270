import type { LiveIndex } from '../live-index.ts'
import type { Texts } from '../segment-index.ts'
import { type ServiceListLinks, ServiceLists } from '../service-lists.ts'
import { cutText } from '../strings.ts'

/** The texts of a segment, and what is told by their numbers: a few KB, read as a whole. */
export interface Names {
  strings: Texts
  serviceLists: { services(list: number): number[] }
  operations: ReadonlyMap<number, ReadonlySet<number>>
}

interface Described {
  /** Bytes of each text; the texts follow each other behind this description. */
  lengths: number[]
  serviceLists: ServiceListLinks
  operations: [service: number, operations: number[]][]
}

export function encodeNames({ strings, serviceLists, operations }: LiveIndex): Buffer {
  const texts = Array.from({ length: strings.count }, (_, id) => strings.bytes(id))
  const described: Described = {
    lengths: texts.map(({ length }) => length),
    serviceLists: serviceLists.links,
    operations: [...operations].map(([service, numbers]) => [service, [...numbers]]),
  }
  const description = Buffer.from(JSON.stringify(described))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(description.length)
  return Buffer.concat([length, description, ...texts])
}

export function decodeNames(bytes: Buffer): Names {
  const start = 4 + bytes.readUInt32LE(0)
  const described = JSON.parse(bytes.toString('utf8', 4, start)) as Described
  const { serviceLists, operations } = described
  return {
    strings: new StoredTexts(bytes.subarray(start), described.lengths),
    serviceLists: new ServiceLists(serviceLists),
    operations: new Map(operations.map(([service, numbers]) => [service, new Set(numbers)])),
  }
}

/** What is said of a segment whose names cannot be read. */
export const noNames: Names = {
  strings: { text: () => '', find: () => -1, byteLength: () => 0 },
  serviceLists: { services: () => [] },
  operations: new Map(),
}

class StoredTexts implements Texts {
  readonly #bytes: Buffer
  readonly #offsets: Uint32Array

  constructor(bytes: Buffer, lengths: number[]) {
    this.#bytes = bytes
    this.#offsets = new Uint32Array(lengths.length + 1)
    for (const [i, length] of lengths.entries()) this.#offsets[i + 1] = this.#offsets[i]! + length
  }

  /** Empty for a number that damage made up. */
  text(id: number): string {
    const end = this.#offsets[id + 1]
    return end === undefined ? '' : this.#bytes.toString('utf8', this.#offsets[id], end)
  }

  byteLength(id: number): number {
    return (this.#offsets[id + 1] ?? 0) - (this.#offsets[id] ?? 0)
  }

  /** One after the other: a segment has few, and a query asks once. */
  find(text: string): number {
    const wanted = cutText(text)
    for (let id = 0; id < this.#offsets.length - 1; id++) {
      const start = this.#offsets[id]!
      const end = this.#offsets[id + 1]!
      if (end - start !== wanted.length) continue
      if (this.#bytes.compare(wanted, 0, wanted.length, start, end) === 0) return id
    }
    return -1
  }
}
