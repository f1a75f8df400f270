import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { readBlocks } from './chunk-file.ts'

/**
 * Writes the whole blocks of a sealed segment as an unsealed one, every record in its old place:
 * what to do with a file whose index is damaged, since everything in it follows from the records.
 * @returns how many bytes of the sealed file were damaged
 * @throws when it could not be read or written; nothing has changed then
 */
export function unseal(sealedPath: string, path: string): number {
  const temporary = `${path}.unfinished`
  const fd = openSync(temporary, 'w')
  try {
    const blocks = readBlocks(readFileSync(sealedPath))
    for (let next = blocks.next(); ; next = blocks.next()) {
      if (next.done) {
        fsyncSync(fd)
        renameSync(temporary, path)
        return next.value
      }
      const { start, records } = next.value
      const written = writeSync(fd, records, 0, records.length, start)
      if (written < records.length) throw new Error('the disk is full')
    }
  } finally {
    closeSync(fd)
  }
}
