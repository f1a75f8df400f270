import type { MessageType } from './message-type.ts'
import { ProtobufReader } from './protobuf-reader.ts'
import { ProtobufWriter } from './protobuf-writer.ts'

/**
 * The one way to write what a message says. Encoders are free in two ways that no reader can see
 * afterwards: the order of fields, and whether a default value is written or left out
 * (protobuf.dev/programming-guides/serialization-not-canonical). The SDKs of JavaScript write many a
 * zero, Go's and Java's none. Fields that the wire table does not know stay, byte for byte.
 * @param bytes a message of this type that `TracesScan` has let through, without tag and length
 * @returns equal bytes for messages that say the same
 */
export function canonical(bytes: Uint8Array, type: MessageType): Uint8Array {
  return new Canonicalizer(bytes).run(type)
}

class Canonicalizer extends ProtobufReader {
  readonly #writer: ProtobufWriter

  constructor(bytes: Uint8Array) {
    super()
    this.bytes = bytes
    this.#writer = new ProtobufWriter(bytes.length)
  }

  run(type: MessageType): Uint8Array {
    this.#message(type, this.bytes.length)
    return this.#writer.finish()
  }

  #message(type: MessageType, end: number): void {
    const start = this.#writer.length
    const written = new Set<number>()
    let last = 0
    let isSorted = true
    while (this.pos < end) {
      const fieldStart = this.pos
      const tag = this.tag(end)
      const number = tag >>> 3
      const field = type.byNumber[number]
      if (field?.message !== undefined) this.#embedded(field.message, tag, end)
      else {
        const valueStart = this.pos
        this.skipValue(tag & 7, end)
        // After another value of the same field a default says something: it counts instead.
        const isNeeded = field === undefined || type.oneof || written.has(number)
        if (!isNeeded && this.#isDefault(valueStart)) continue
        this.#writer.raw(this.bytes, fieldStart, this.pos)
      }
      written.add(number)
      if (number < last) isSorted = false
      last = number
    }
    // Of a oneof the last one counts, so their order says something.
    if (!isSorted && !type.oneof) this.#writer.sortFields(start)
  }

  #embedded(type: MessageType, tag: number, end: number): void {
    const valueEnd = this.valueEnd(end)
    const start = this.#writer.open(tag)
    this.#message(type, valueEnd)
    this.#writer.close(start)
  }

  /** Zero, false and the empty text are zeros on the wire, down to the length. */
  #isDefault(valueStart: number): boolean {
    for (let pos = valueStart; pos < this.pos; pos++) if (this.bytes[pos] !== 0) return false
    return true
  }
}
