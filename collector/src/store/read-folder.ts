import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Block, readBlocks } from './sealed/chunk-file.ts'
import { readSegment } from './segment-record.ts'

/** Counts what could not be read. */
export interface FolderDamage {
  bytes: number
}

/**
 * The payloads of all records in a folder, in the order in which they came. Nothing is changed, and
 * nobody is kept out: a collector may go on using the folder. What it stores meanwhile may be missing,
 * and what it drops.
 * @throws the file system's error
 */
export function* readFolder(folder: string, damage: FolderDamage): Generator<Buffer> {
  for (const number of segmentNumbers(folder)) {
    // Sealing removes the first form after the second is there: so looking in this order finds one.
    const raw = read(join(folder, `${number}.segment`))
    const sealed = raw === undefined ? read(join(folder, `${number}.sealed`)) : undefined
    if (raw !== undefined) yield* payloadsOf(raw, damage)
    if (sealed === undefined) continue
    const blocks = readBlocks(sealed)
    let next = blocks.next()
    for (; !next.done; next = blocks.next()) {
      yield* payloadsOf((next.value as Block).records, damage)
    }
    damage.bytes += next.value
  }
}

function segmentNumbers(folder: string): number[] {
  const digits = readdirSync(folder).map((name) => /^(\d+)\.(?:segment|sealed)$/.exec(name)?.[1])
  const numbers = new Set(digits.filter((each) => each !== undefined).map(Number))
  return [...numbers].sort((a, b) => a - b)
}

/** What follows the last whole record may be a write that goes on: it is no damage. */
function payloadsOf(bytes: Buffer, damage: FolderDamage): Buffer[] {
  const payloads: Buffer[] = []
  const scan = readSegment(bytes, (_offset, { payload }) => payloads.push(payload))
  damage.bytes += scan.damagedBytes
  return payloads
}

/** Undefined when there is no such file, or no more. */
function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
