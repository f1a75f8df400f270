import type { BlockFilterPlace } from './block-filter.ts'
import type { DirectoryPlace } from './hash-directory.ts'
import type { TablePlace } from './paged-table.ts'

/**
 * Raised when files change their meaning: those of a later version are read from their records. In
 * version 1 the directory of spans had those of short traces too, which are found without it.
 */
export const sealedVersion = 2

/** What a sealed segment says of itself in its table of contents; chunks are named by number. */
export interface SealedFooter {
  version: number
  identity: number
  /** Of the hashes in its directories. */
  seed: number
  /** Milliseconds since the Unix epoch. */
  firstArrival: number
  lastArrival: number
  /** Blocks are the chunks from 0; the others make up the index. */
  blocks: number
  /** Three words for each block: its start in the unsealed segment, its first record and span. */
  blockStarts: number
  records: TablePlace
  spans: TablePlace
  traces: TablePlace
  /** The trace that changed last. */
  newestTrace: number
  traceDirectory: DirectoryPlace
  spanDirectory: DirectoryPlace
  blockFilter: BlockFilterPlace
  names: number
  /** JSON of the spans that have versions with their digests; absent when there is none. */
  versions?: number
  /** The indexes that traces have earlier parts in. */
  linked: { segment: number; identity: number }[]
  /** The rows of the traces that do. */
  links: number
}

/** Where a record is in its block, and when it arrived. */
export const recordShape = {
  offset: 'unsigned32',
  payloadLength: 'unsigned32',
  arrival: 'double',
} as const

export const spanShape = {
  idA: 'unsigned32',
  idB: 'unsigned32',
  parentA: 'unsigned32',
  parentB: 'unsigned32',
  kindAndStatus: 'byte',
  trace: 'unsigned32',
  previous: 'signed32',
  record: 'unsigned32',
  offset: 'unsigned32',
  length: 'unsigned32',
  name: 'unsigned32',
  service: 'unsigned32',
  startHigh: 'unsigned32',
  startLow: 'unsigned32',
  endHigh: 'unsigned32',
  endLow: 'unsigned32',
} as const

export const traceShape = {
  id0: 'unsigned32',
  id1: 'unsigned32',
  id2: 'unsigned32',
  id3: 'unsigned32',
  olderRow: 'signed32',
  lastSpan: 'signed32',
  titleSpan: 'signed32',
  spanCount: 'unsigned32',
  errorCount: 'unsigned32',
  serviceList: 'unsigned32',
  startHigh: 'unsigned32',
  startLow: 'unsigned32',
  endHigh: 'unsigned32',
  endLow: 'unsigned32',
  /** 0 for none, or the place in `linked` from 1 on; and the row there. */
  earlierLink: 'unsigned32',
  earlierRow: 'unsigned32',
} as const
