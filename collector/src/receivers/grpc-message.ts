import { status } from '@grpc/grpc-js'
import { MalformedError, TooLargeError } from '../consumer.ts'
import { decompress, isKnownEncoding, unknownEncoding } from './compression.ts'
import { tooManyBytes } from './errors.ts'
import { freeMemory } from './free-memory.ts'
import { ReceivedBytes } from './received-bytes.ts'
import type { HeldMemory } from './request-memory.ts'

/** What a status may have besides its code and message. */
interface GrpcErrorMore {
  /** A google.rpc.Status, for `grpc-status-details-bin`. */
  details?: Buffer | undefined
  /** For whoever looks at the collector. */
  advice?: string | undefined
}

/** What a call ends with when not with an answer. */
export class GrpcError extends Error {
  override name = 'GrpcError'
  readonly code: status
  readonly more: GrpcErrorMore

  constructor(code: status, message: string, more: GrpcErrorMore = {}) {
    super(message)
    this.code = code
    this.more = more
  }
}

/** Compressed-Flag and Message-Length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
const prefixLength = 5

/**
 * Takes the one message of a unary call out of the DATA that comes, whatever frames it is cut into.
 * Nothing beyond the limit is kept, and a length that is over it is refused before its bytes come.
 */
export class GrpcMessage {
  readonly #encoding: string
  readonly #held: HeldMemory
  readonly #received = new ReceivedBytes(false)
  #length = 0
  #decompressed: Buffer | undefined

  /**
   * @param held grows with the message
   * @throws GrpcError UNIMPLEMENTED for an encoding that is not known ("Compression", case 2)
   */
  constructor(encoding: string, held: HeldMemory) {
    if (!isKnownEncoding(encoding)) {
      const { message, advice } = unknownEncoding(encoding)
      throw new GrpcError(status.UNIMPLEMENTED, message, { advice })
    }
    this.#encoding = encoding
    this.#held = held
  }

  /** @throws TooLargeError, OverloadedError; what comes after that is to be read and forgotten */
  add(chunk: Buffer): void {
    const received = this.#received
    const length = received.length + chunk.length
    const { maxBytes } = this.#held
    this.#length = length
    try {
      if (length > prefixLength + maxBytes) throw tooManyBytes(maxBytes)
      this.#held.resize(length)
      received.add(chunk, received.length < prefixLength ? 0 : prefixLength + this.#announced())
      if (length >= prefixLength && this.#announced() > maxBytes) {
        this.#length = prefixLength + this.#announced()
        throw tooManyBytes(maxBytes)
      }
    } catch (error) {
      received.clear()
      throw error
    }
  }

  /** Bytes of the message that have come, without what stands before it. */
  get wireBytes(): number {
    return Math.max(0, this.#length - prefixLength)
  }

  /** Bytes that it is to have; undefined until that has come. */
  get announcedBytes(): number | undefined {
    return this.#received.length < prefixLength ? undefined : this.#announced()
  }

  /**
   * The message, when all has come.
   * @throws GrpcError when it is not exactly one message
   * @throws TooLargeError as `decompress`
   * @throws OverloadedError
   */
  async read(): Promise<Buffer> {
    const data = this.#received.bytes
    if (data.length === 0) throw new GrpcError(status.UNIMPLEMENTED, 'a call has one message')
    if (data.length < prefixLength || data.length < prefixLength + this.#announced()) {
      throw new GrpcError(status.INTERNAL, 'the message is cut off')
    }
    const end = prefixLength + this.#announced()
    if (data.length > end) throw new GrpcError(status.UNIMPLEMENTED, 'a call has one message')
    const message = data.subarray(prefixLength)
    switch (data[0]) {
      case 0:
        return message
      case 1:
        if (this.#encoding === 'identity') {
          throw new GrpcError(
            status.INTERNAL,
            'the message is compressed, and no encoding is named',
          )
        }
        return this.#decompress(message)
      default:
        throw new GrpcError(status.INTERNAL, `a compressed flag is 0 or 1, not ${data[0]}`)
    }
  }

  /** Gives the memory of the message back; nobody may look at it any more. */
  free(): void {
    this.#received.free()
    if (this.#decompressed !== undefined) freeMemory(this.#decompressed)
  }

  async #decompress(message: Buffer): Promise<Buffer> {
    try {
      const decompressed = await decompress(message, this.#encoding, this.#held.maxBytes)
      this.#held.resize(decompressed.length)
      this.#received.free()
      this.#decompressed = decompressed
      return decompressed
    } catch (error) {
      if (error instanceof TooLargeError || !(error instanceof MalformedError)) throw error
      throw new GrpcError(status.INTERNAL, error.message)
    }
  }

  /** Of a message whose prefix is there. */
  #announced(): number {
    return this.#received.bytes.readUInt32BE(1)
  }
}

/** An answer as it goes out: never compressed, there is next to nothing in it. */
export function frame(message: Buffer): Buffer {
  const prefix = Buffer.alloc(prefixLength)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}
