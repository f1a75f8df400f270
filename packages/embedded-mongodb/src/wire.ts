import { type Document, deserialize, serialize } from 'bson'
import { ProtocolError } from './errors.ts'

/*
 * MongoDB wire protocol, little-endian. A message is
 *   int32 length | int32 requestID | int32 responseTo | int32 opCode | body
 * OP_MSG   2013: int32 flags, then sections: kind 0 = one document, the command;
 *                kind 1 = int32 size, cstring name, documents: an array field of the command
 * OP_QUERY 2004: int32 flags, cstring collection, int32 skip, int32 return, document.
 *                Legacy; drivers still open with it, because every server understands it.
 * OP_REPLY    1: int32 flags, int64 cursor, int32 from, int32 count, documents: its answer
 * https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/
 */
/** Patterns stay as they came: one that JavaScript cannot read is the command's error to report. */
const decoding = { bsonRegExp: true }

const opReply = 1
const opQuery = 2004
const opMsg = 2013
const headerBytes = 16
const moreToCome = 1 << 1
/** "The client accepts a stream of replies": an offer, which one reply satisfies. */
const exhaustAllowed = 1 << 16

export const maxMessageBytes = 48_000_000
export const maxDocumentBytes = 16 * 1024 * 1024

export interface Request {
  readonly id: number
  readonly legacy: boolean
  /** False for an unacknowledged write. */
  readonly wantsReply: boolean
  /**
   * The command. Only `documents`, what insert stores, is left as BSON: decoding turns an int64 or
   * a double without fraction into a plain number and would lose which it was.
   */
  readonly command: Document
}

/**
 * The length that a message announces, or undefined while its first four bytes are not there yet.
 * @throws ProtocolError when no message can be so long
 */
export function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length < 4) return undefined
  const length = bytes.readInt32LE(0)
  if (length < headerBytes || length > maxMessageBytes) {
    throw new ProtocolError(`message of ${length} bytes`)
  }
  return length
}

/**
 * Reads one whole message.
 * @throws ProtocolError, or whatever bson and Buffer throw, when it is malformed
 */
export function readRequest(message: Buffer): Request {
  const id = message.readInt32LE(4)
  const opCode = message.readInt32LE(12)
  if (opCode === opQuery) {
    return { id, legacy: true, wantsReply: true, command: readQuery(message) }
  }
  if (opCode !== opMsg) throw new ProtocolError(`opCode ${opCode}`)
  const flags = message.readInt32LE(headerBytes)
  // Checksums (bit 0) are for servers among themselves: no driver sends one.
  if (flags & ~(moreToCome | exhaustAllowed)) throw new ProtocolError(`flags ${flags}`)
  const wantsReply = (flags & moreToCome) === 0
  return { id, legacy: false, wantsReply, command: readSections(message) }
}

function readSections(message: Buffer): Document {
  let command: Document | undefined
  const sequences = new Map<string, unknown[]>()
  let at = headerBytes + 4
  while (at < message.length) {
    const kind = message.readUInt8(at)
    at += 1
    if (kind === 0) {
      if (command !== undefined) throw new ProtocolError('two commands in one message')
      const bytes = documentAt(message, at, message.length)
      command = deserialize(bytes, decoding)
      if (Object.hasOwn(command, 'insert')) {
        command = deserialize(bytes, { ...decoding, fieldsAsRaw: { documents: true } })
      }
      at += bytes.length
    } else if (kind === 1) {
      const end = at + message.readInt32LE(at)
      if (end <= at + 4 || end > message.length) throw new ProtocolError('section out of bounds')
      const zero = cstringEnd(message, at + 4, end)
      const name = message.toString('utf8', at + 4, zero)
      const documents: unknown[] = []
      at = zero + 1
      while (at < end) {
        const bytes = documentAt(message, at, end)
        documents.push(name === 'documents' ? bytes : deserialize(bytes, decoding))
        at += bytes.length
      }
      sequences.set(name, documents)
    } else {
      throw new ProtocolError(`section kind ${kind}`)
    }
  }
  if (command === undefined) throw new ProtocolError('a message without a command')
  return { ...command, ...Object.fromEntries(sequences) }
}

function readQuery(message: Buffer): Document {
  const zero = cstringEnd(message, headerBytes + 4, message.length)
  const collection = message.toString('utf8', headerBytes + 4, zero)
  if (!collection.endsWith('.$cmd')) throw new ProtocolError(`OP_QUERY on ${collection}`)
  const command = deserialize(documentAt(message, zero + 1 + 8, message.length))
  const name = Object.keys(command)[0] ?? ''
  if (!/^(hello|ismaster)$/i.test(name)) throw new ProtocolError(`OP_QUERY for ${name}`)
  return command
}

function documentAt(message: Buffer, at: number, end: number): Buffer {
  const size = message.readInt32LE(at)
  if (size < 5 || at + size > end) throw new ProtocolError('document out of bounds')
  return message.subarray(at, at + size)
}

function cstringEnd(message: Buffer, at: number, end: number): number {
  const zero = message.indexOf(0, at)
  if (zero === -1 || zero >= end) throw new ProtocolError('string without an end')
  return zero
}

/** The reply to a request, in the form in which it was asked. */
export function writeReply(request: Request, reply: Document): Buffer {
  const body = serialize(reply, { ignoreUndefined: true })
  // OP_MSG: no flags, one section of kind 0. OP_REPLY: "await capable" and one document.
  const prefix = Buffer.alloc(request.legacy ? 20 : 5)
  if (request.legacy) {
    prefix.writeInt32LE(8, 0)
    prefix.writeInt32LE(1, 16)
  }
  const header = Buffer.alloc(headerBytes)
  header.writeInt32LE(headerBytes + prefix.length + body.length, 0)
  header.writeInt32LE(request.id, 8)
  header.writeInt32LE(request.legacy ? opReply : opMsg, 12)
  return Buffer.concat([header, prefix, body])
}
