import { crc32 } from 'node:zlib'
import type { ReceiverName, TracesRequest } from '../consumer.ts'

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
  const header = Buffer.allocUnsafe(headerLength)
  putHeader(header, 0, { payload, receiver }, arrival)
  header.writeUInt32LE(crc32(payload, crc32(header.subarray(8))), 4)
  return header
}

/** Records up to so many bytes together are copied into one piece: a write of many pieces is slower. */
const copiedBytes = 64 * 1024
const copied = Buffer.allocUnsafeSlow(copiedBytes)

/**
 * The records of requests, one after the other, in pieces.
 * @param length of all of them
 * @returns what is to be written before the next call, which may use the same memory
 */
export function encodeRecords(
  requests: readonly TracesRequest[],
  length: number,
  arrival: bigint,
): Uint8Array[] {
  if (length > copiedBytes) {
    return requests.flatMap(({ payload, receiver }) => [
      encodeHeader(payload, receiver, arrival),
      payload,
    ])
  }
  let at = 0
  for (const request of requests) {
    const end = at + headerLength + request.payload.length
    putHeader(copied, at, request, arrival)
    copied.set(request.payload, at + headerLength)
    copied.writeUInt32LE(crc32(copied.subarray(at + 8, end)), at + 4)
    at = end
  }
  return [copied.subarray(0, length)]
}

/** All but the checksum. */
function putHeader(
  target: Buffer,
  at: number,
  { payload, receiver }: TracesRequest,
  arrival: bigint,
): void {
  magic.copy(target, at)
  target.writeUInt32LE(payload.length, at + 8)
  target.writeBigUInt64LE(arrival, at + 12)
  // The number of the receiver, and three bytes of zero.
  target.writeUInt32LE(receiverNumbers[receiver], at + 20)
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
