import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { encodeRequest, type FileFormat } from '../files/otlp-file.ts'
import type { Target } from './target.ts'

export interface FileSettings {
  protocol: 'file'
  path: string
  /** A line of OTLP JSON a batch, or protobuf behind its length (4 bytes, big-endian). */
  format: FileFormat
  /** False: what is in the file goes at the start. */
  append: boolean
}

/** Writes what comes to a file, in the formats of the official file exporter. */
export function fileTarget({ path, format, append }: FileSettings): Target {
  const file = resolve(path)
  let fd: number | undefined
  let size = 0

  const open = () => {
    const opened = openSync(file, append ? 'a' : 'w')
    size = fstatSync(opened).size
    return opened
  }

  return {
    name: `${file} (${format})`,
    close: () => {
      if (fd !== undefined) closeSync(fd)
      fd = undefined
    },
    send: async (body) => {
      let record: Buffer
      try {
        record = encodeRequest(body, format)
      } catch (error) {
        return { kind: 'refused', reason: (error as Error).message }
      }
      try {
        fd ??= open()
        try {
          for (let at = 0; at < record.length; ) at += writeSync(fd, record, at)
        } catch (error) {
          // Half a record would make the next one unreadable too.
          ftruncateSync(fd, size)
          throw error
        }
        size += record.length
        return { kind: 'taken', rejectedSpans: 0, warning: '' }
      } catch (error) {
        return { kind: 'retry', reason: (error as Error).message }
      }
    },
  }
}
