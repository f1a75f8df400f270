import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { MalformedError } from '../consumer.ts'
import { type FolderDamage, readFolder } from '../store/read-folder.ts'
import { encodeRequest, FileError, formatOf } from './otlp-file.ts'

export interface Exported {
  requests: number
  /** Bytes of the folder that could not be read; they are not in the file. */
  damagedBytes: number
}

/**
 * Writes all requests in a data folder to a file, as they came: also those that were sent twice. The
 * file has its name when it is whole.
 * @throws FileError when the name has no known ending, or there is such a file; the file system's
 * error otherwise
 */
export function exportSpans(dataDir: string, path: string): Exported {
  const format = formatOf(path)
  if (existsSync(path)) throw new FileError(`${path} is there already`)
  const damage: FolderDamage = { bytes: 0 }
  const unfinished = `${path}.unfinished`
  const fd = openSync(unfinished, 'w')
  let requests = 0
  try {
    for (const payload of readFolder(dataDir, damage)) {
      const bytes = encode(payload)
      if (bytes === undefined) continue
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
      requests++
    }
    renameSync(unfinished, path)
  } finally {
    closeSync(fd)
    rmSync(unfinished, { force: true })
  }
  return { requests, damagedBytes: damage.bytes }

  /** Undefined for what another version of this program let in, and this one does not. */
  function encode(payload: Buffer): Buffer | undefined {
    try {
      return encodeRequest(payload, format)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      damage.bytes += payload.length
      return undefined
    }
  }
}
