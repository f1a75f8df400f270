import type { AttributeProbes, SpanRange } from '../block-keys.ts'
import type { SegmentIndex } from '../segment-index.ts'
import { candidateBlocks } from './block-filter.ts'
import type { ChunkFile } from './chunk-file.ts'
import type { SealedFooter } from './footer.ts'
import { readWords } from './hash-directory.ts'
import { decodeNames, type Names, noNames } from './names.ts'
import type { PageCache, PageOwner } from './page-cache.ts'
import { SealedSpans, SealedTraces } from './sealed-rows.ts'

const namesPage = 0
const versionsPage = 1

/** The index of a sealed segment: filters of its ids are in memory, all else is read when needed. */
export class SealedIndex implements SegmentIndex, PageOwner {
  readonly segment: number
  readonly identity: number
  readonly traces: SealedTraces
  readonly spans: SealedSpans
  readonly #file: ChunkFile
  readonly #cache: PageCache
  readonly #footer: SealedFooter
  readonly #firstSpans: Uint32Array
  readonly #id: number
  /** Names too large for the cache, until memory is short: a search asks for them at every span. */
  #largeNames: WeakRef<Names> | undefined

  /**
   * @param firstSpans of each block
   * @throws when it cannot be read
   */
  constructor(
    segment: number,
    file: ChunkFile,
    cache: PageCache,
    firstRecord: number,
    firstSpans: Uint32Array,
  ) {
    const footer = file.footer as SealedFooter
    this.segment = segment
    this.identity = footer.identity
    this.#file = file
    this.#cache = cache
    this.#footer = footer
    this.#firstSpans = firstSpans
    this.#id = cache.register()
    this.traces = new SealedTraces(file, cache, footer)
    this.spans = new SealedSpans(file, cache, footer, firstRecord, this.traces)
  }

  get strings() {
    return this.#names.strings
  }

  get serviceLists() {
    return this.#names.serviceLists
  }

  get operations() {
    return this.#names.operations
  }

  /** The rows of the traces that have an earlier part. */
  linkedRows(): Uint32Array {
    return readWords(this.#file, this.#footer.links)
  }

  versions(span: number): ReadonlySet<string> | undefined {
    const { versions } = this.#footer
    if (versions === undefined) return undefined
    const known = this.#cache.get(this.#id, versionsPage) as ReadonlyMap<number, Set<string>>
    return (known ?? this.#readVersions(versions)).get(span)
  }

  ranges(probes: AttributeProbes): readonly SpanRange[] {
    if (probes.length === 0) return [[0, this.spans.count]]
    const blocks = candidateBlocks(this.#file, this.#footer.blockFilter, probes)
    const ranges: SpanRange[] = []
    for (let block = this.#firstSpans.length - 1; block >= 0; block--) {
      if (blocks !== undefined && ((blocks[block >>> 3]! >>> (block & 7)) & 1) === 0) continue
      const end = this.#firstSpans[block + 1] ?? this.spans.count
      ranges.push([this.#firstSpans[block]!, end])
    }
    return ranges
  }

  forget(): void {
    // What is held is in the cache alone.
  }

  /** Lets go of its pages. */
  close(): void {
    this.#cache.drop(this)
    this.traces.close()
    this.spans.close()
  }

  get #names(): Names {
    const known = this.#cache.get(this.#id, namesPage) as Names | undefined
    const kept = known ?? this.#largeNames?.deref()
    if (kept !== undefined) return kept
    const bytes = this.#file.chunk(this.#footer.names)
    if (bytes === undefined) return noNames
    const names = decodeNames(bytes)
    const isKept = this.#cache.add(this.#id, namesPage, this, names, 2 * bytes.length)
    if (!isKept) this.#largeNames = new WeakRef(names)
    return names
  }

  #readVersions(chunk: number): ReadonlyMap<number, ReadonlySet<string>> {
    const bytes = this.#file.chunk(chunk)
    if (bytes === undefined) return new Map()
    const entries = JSON.parse(bytes.toString()) as [number, string[]][]
    const versions = new Map(entries.map(([span, digests]) => [span, new Set(digests)]))
    this.#cache.add(this.#id, versionsPage, this, versions, 4 * bytes.length)
    return versions
  }
}
