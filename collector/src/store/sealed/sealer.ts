import { fsync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { LiveIndex } from '../live-index.ts'
import { syncFolder } from '../make-folder.ts'
import type { SegmentFile } from '../segment-file.ts'
import type { Segments } from '../segments.ts'
import type { TraceIndex } from '../trace-index.ts'
import { ChunkWriter } from './chunk-file.ts'
import { canList } from './hash-directory.ts'
import { writeSealed } from './write-sealed.ts'

/**
 * Milliseconds of sealing in one turn of the event loop while one segment waits. With each further
 * one that waits there are more: whoever sends faster than segments are sealed is slowed down, and
 * the memory that unsealed ones take has an end.
 */
const shortestTurn = 1

const sync = promisify(fsync)

/**
 * Seals the segments that are full, one after the other, the oldest first, in between all else.
 *
 * The sealed form is written to a file of another name, synced, renamed, and only then the unsealed
 * one is removed: whenever the process ends, one of the two is there and whole.
 */
export class Sealer {
  readonly #segments: Segments
  readonly #index: TraceIndex
  #running: Promise<void> | undefined
  #writer: ChunkWriter | undefined
  #isStopped = false

  constructor(segments: Segments, index: TraceIndex) {
    this.#segments = segments
    this.#index = index
  }

  /** Looks for segments that are full. Where sealing failed, the next call tries again. */
  wake(): void {
    if (this.#isStopped) return
    this.#running ??= this.#sealAll().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves when there is nothing left to do. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  /** Leaves what is not finished to the next start. */
  stop(): void {
    this.#isStopped = true
    this.#abandon()
  }

  async #sealAll(): Promise<void> {
    // Not in the turn of the request that filled the segment.
    await nextTurn()
    for (;;) {
      const source = this.#isStopped ? undefined : this.#segments.toSeal[0]
      if (source === undefined) return
      try {
        await this.#seal(source)
      } catch (error) {
        // Its file was closed under it.
        if (this.#isStopped) return
        this.#abandon()
        console.warn(`collector: could not seal ${source.path}, it stays as it is: ${error}`)
        return
      }
    }
  }

  async #seal(source: SegmentFile): Promise<void> {
    const index = this.#index.of(source.number) ?? new LiveIndex(source.number)
    if (!(index instanceof LiveIndex) || !canList(index.spans.count)) {
      throw new Error('it has too many spans')
    }
    const path = this.#segments.sealedPathOf(source.number)
    const writer = new ChunkWriter(`${path}.unfinished`)
    this.#writer = writer
    const isOver = () => this.#writer !== writer || !this.#segments.has(source)
    const steps = writeSealed(writer, source, index, (segment) => this.#index.of(segment)?.identity)
    let turnEnds = performance.now() + shortestTurn
    while (!steps.next().done) {
      if (performance.now() < turnEnds) continue
      this.#segments.unfinishedBytes = writer.size
      await nextTurn()
      if (isOver()) return this.#abandon()
      turnEnds = performance.now() + this.#turn
    }
    await sync(writer.fd)
    if (isOver()) return this.#abandon()
    writer.close()
    this.#writer = undefined
    this.#segments.unfinishedBytes = 0
    renameSync(writer.path, path)
    // Before the unsealed form goes, the name of the sealed one must be safe as well.
    await syncFolder(dirname(path))
    if (this.#isStopped) return
    if (!this.#segments.has(source)) {
      rmSync(path, { force: true })
      return
    }
    const sealed = this.#segments.replace(source)
    for (let row = 0; row < index.traces.count; row++) {
      if (index.traces.hasLater(row)) sealed.index.traces.continueLater(row)
    }
    this.#index.replace(sealed.index)
  }

  get #turn(): number {
    const waiting = this.#segments.toSeal.length - 1
    return shortestTurn + 4 * Math.max(waiting, 0)
  }

  /** At once, because whoever opens the folder next starts over with the same name. */
  #abandon(): void {
    const writer = this.#writer
    this.#writer = undefined
    this.#segments.unfinishedBytes = 0
    if (writer === undefined) return
    writer.close()
    rmSync(writer.path, { force: true })
  }
}
