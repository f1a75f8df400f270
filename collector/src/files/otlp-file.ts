import { createReadStream } from 'node:fs'
import { extname } from 'node:path'
import { MalformedError } from '../consumer.ts'
import { decodeTraces } from '../otlp/decode.ts'
import { transcodeTraces } from '../otlp/json-to-protobuf.ts'
import { TracesScan } from '../otlp/scan.ts'
import { maxRequestBytes } from '../receivers/limits.ts'
import { readDocument, TraceFileError } from './read-document.ts'

/**
 * The formats of the official Collector's file exporter (exporter/fileexporter/file_writer.go of
 * opentelemetry-collector-contrib): a line of OTLP JSON a request, or protobuf behind its length.
 */
export type FileFormat = 'json' | 'proto'

/** JSON is a few times as long as the protobuf that it becomes. */
const maxLineBytes = 8 * maxRequestBytes

/** Bytes of the length in front of a protobuf message; big-endian. */
const prefixLength = 4

const formats: Record<string, FileFormat> = {
  '.jsonl': 'json',
  '.json': 'json',
  '.otlp': 'proto',
  '.binpb': 'proto',
}

/** What is wrong with a file, and where in it. */
export class FileError extends Error {
  override name = 'FileError'
}

/** @throws FileError when the name's ending is none of those */
export function formatOf(path: string): FileFormat {
  const format = formats[extname(path).toLowerCase()]
  if (format !== undefined) return format
  throw new FileError(`${path} must end with ${Object.keys(formats).join(', ')}`)
}

/** A request as it is written to a file. */
export function encodeRequest(payload: Uint8Array, format: FileFormat): Buffer {
  if (format === 'json') return Buffer.from(`${JSON.stringify(decodeTraces(payload))}\n`)
  const length = Buffer.alloc(prefixLength)
  length.writeUInt32BE(payload.length)
  return Buffer.concat([length, payload])
}

/** A request that was read from a file, in protobuf. */
export interface FileRequest {
  payload: Uint8Array
  /** Where it is, for people: `line 3`, `byte 1024`. */
  place: string
  spans: number
}

/**
 * Reads the requests of a file, one after the other; nothing but the one at hand is in memory.
 * @throws FileError that says where and why, at the first one that is no OTLP; the file system's
 * error when it cannot be read
 */
export async function* readRequests(path: string, format: FileFormat): AsyncGenerator<FileRequest> {
  const scan = new TracesScan()
  const pieces = format === 'json' ? readJson(path) : readMessages(path)
  for await (const { bytes, place } of pieces) {
    const fail = (reason: string) => new FileError(`${path}, ${place}: ${reason}`)
    try {
      const payload = format === 'json' ? transcodeTraces(bytes) : bytes
      if (payload.length > maxRequestBytes) throw fail('a request of over 20 MiB')
      scan.scan(payload)
      yield { payload, place, spans: scan.spanCount }
    } catch (error) {
      throw error instanceof MalformedError ? fail(error.message) : error
    }
  }
}

interface Piece {
  bytes: Buffer
  place: string
}

/** A request a line; where the first line is none, the file is a document for people, or of somebody else's. */
async function* readJson(path: string): AsyncGenerator<Piece> {
  if (await beginsWithRequest(path)) {
    yield* readLines(path)
    return
  }
  try {
    yield* await readDocument(path)
  } catch (error) {
    throw error instanceof TraceFileError ? new FileError(`${path}: ${error.message}`) : error
  }
}

async function beginsWithRequest(path: string): Promise<boolean> {
  for await (const { bytes } of readLines(path)) {
    try {
      const line: unknown = JSON.parse(bytes.toString('utf8'))
      return ['resourceSpans', 'resourceLogs', 'resourceMetrics'].some(
        (key) => typeof line === 'object' && line !== null && key in line,
      )
    } catch {
      return false
    }
  }
  return false
}

/** Lines without their end; empty ones are left out. */
async function* readLines(path: string): AsyncGenerator<Piece> {
  let parts: Buffer[] = []
  let length = 0
  let line = 1
  const take = (): Piece => {
    const bytes = Buffer.concat(parts)
    parts = []
    length = 0
    return { bytes, place: `line ${line}` }
  }
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0
    for (;;) {
      const end = chunk.indexOf(10, start)
      parts.push(chunk.subarray(start, end === -1 ? chunk.length : end))
      length += parts.at(-1)!.length
      if (length > maxLineBytes) throw new FileError(`${path}, line ${line}: it is too long`)
      if (end === -1) break
      const piece = take()
      if (!isBlank(piece.bytes)) yield piece
      line++
      start = end + 1
    }
  }
  const last = take()
  if (!isBlank(last.bytes)) yield last
}

/** Also with the end of a line as Windows writes it. */
function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 13 || byte === 32)
}

async function* readMessages(path: string): AsyncGenerator<Piece> {
  let waiting = Buffer.alloc(0)
  let wanted = prefixLength
  let offset = 0
  let parts: Buffer[] = []
  let length = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    parts.push(chunk)
    length += chunk.length
    // Nothing is put together before a whole message is there.
    while (length >= wanted) {
      if (parts.length > 0) waiting = Buffer.concat([waiting, ...parts])
      parts = []
      const size = waiting.readUInt32BE(0)
      const place = `byte ${offset}`
      if (size > maxRequestBytes) {
        throw new FileError(`${path}, ${place}: a length of ${size}, over 20 MiB`)
      }
      wanted = prefixLength + size
      if (waiting.length < wanted) break
      yield { bytes: waiting.subarray(prefixLength, wanted), place }
      waiting = waiting.subarray(wanted)
      offset += wanted
      length = waiting.length
      wanted = prefixLength
    }
  }
  if (length > 0) {
    throw new FileError(`${path}, byte ${offset}: the file ends in the middle of a message`)
  }
}
