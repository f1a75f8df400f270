import { crc32 } from 'node:zlib'
import type { ReceiverName } from '../consumer.ts'

/**
 * A segment file is records, one after the other, each one request (integers little-endian):
 *
 *   offset  bytes
 *        0      4  magic "PTR1"
 *        4      4  CRC-32 of all that follows, from here to the end of the payload
 *        8      4  length of the payload in bytes
 *       12      8  arrival: nanoseconds since the Unix epoch on this machine's clock
 *       20      1  receiver
 *       21      3  zero
 *       24         payload: the ExportTraceServiceRequest in protobuf, as it came
 */
export const headerLength = 24
const magic = Buffer.from('PTR1')

/** The numbers are in files: they never change their meaning. */
const receiverNumbers: Record<ReceiverName, number> = {
  'otlp-grpc': 1,
  'otlp-http-protobuf': 2,
  'otlp-http-json': 3,
}

export interface SegmentRecord {
  /** Nanoseconds since the Unix epoch. */
  arrival: bigint
  payload: Buffer
}

export function encodeHeader(payload: Uint8Array, receiver: ReceiverName, arrival: bigint): Buffer {
  const header = Buffer.alloc(headerLength)
  magic.copy(header)
  header.writeUInt32LE(payload.length, 8)
  header.writeBigUInt64LE(arrival, 12)
  header.writeUInt8(receiverNumbers[receiver], 20)
  header.writeUInt32LE(crc32(payload, crc32(header.subarray(8))), 4)
  return header
}

/** The record that starts at `at`; undefined when there is none, or not a whole and sound one. */
export function readRecord(bytes: Buffer, at: number): SegmentRecord | undefined {
  if (at + headerLength > bytes.length) return undefined
  if (magic.compare(bytes, at, at + magic.length) !== 0) return undefined
  const end = at + headerLength + bytes.readUInt32LE(at + 8)
  if (end > bytes.length) return undefined
  if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32LE(at + 4)) return undefined
  const arrival = bytes.readBigUInt64LE(at + 12)
  return { arrival, payload: bytes.subarray(at + headerLength, end) }
}

export interface SegmentScan {
  /** Where the last whole record ends; what follows is a write that never finished, or damage. */
  end: number
  /** Places between whole records that are not records, and their bytes. */
  damagedPlaces: number
  damagedBytes: number
}

/** Visits every whole record of a segment, skipping from damage to the next one. */
export function readSegment(
  bytes: Buffer,
  visit: (offset: number, record: SegmentRecord) => void,
): SegmentScan {
  const scan = { end: 0, damagedPlaces: 0, damagedBytes: 0 }
  let at = bytes.indexOf(magic)
  while (at !== -1) {
    const record = readRecord(bytes, at)
    if (record === undefined) {
      at = bytes.indexOf(magic, at + 1)
      continue
    }
    if (at > scan.end) {
      scan.damagedPlaces++
      scan.damagedBytes += at - scan.end
    }
    visit(at, record)
    scan.end = at + headerLength + record.payload.length
    at = bytes.indexOf(magic, scan.end)
  }
  return scan
}
