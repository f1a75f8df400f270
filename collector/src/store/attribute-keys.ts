import { LEN } from '../otlp/message-type.ts'
import { ProtobufReader } from '../otlp/protobuf-reader.ts'
import type { TracesScan } from '../otlp/scan.ts'
import { finish, mix } from './hash-table.ts'
import { RepeatedRanges } from './repeated-ranges.ts'

/** They are in files, where this may stand in no other place: never to be changed. */
const seed = 0x70_69_6e_67

/** How a value went into its hash; those of `other` are all alike, because only decoding tells them. */
const kinds = { other: 0, text: 1, boolean: 2, integer: 3, double: 4, bytes: 7 }

const scopeFields = new Map([
  [10, viewOf(Buffer.from('scope.name'))],
  [18, viewOf(Buffer.from('scope.version'))],
])

/**
 * Hashes of the attributes in a record: 32 bits of the key and the value together. A filter made of
 * them says which blocks of a segment cannot have `key = value`; what it lets through is decoded.
 *
 * It reads what TracesScan let through, by the rule of every reader here: of what is there twice the
 * last counts.
 */
export class AttributeKeys extends ProtobufReader {
  readonly #add: (hash: number) => void
  #view = viewOf(this.bytes)
  readonly #ranges = new RepeatedRanges()

  constructor(add: (hash: number) => void) {
    super()
    this.#add = add
  }

  /**
   * Visits the attributes of everything in a scanned payload, those that repeat not each time: most
   * are those of the spans before, and to compare bytes takes a fraction of the time of hashing them.
   */
  visit(payload: Uint8Array, scan: TracesScan): void {
    this.#ranges.clear()
    for (let r = 0; r < scan.resourceCount; r++) this.visitResource(payload, scan, r)
    for (let s = 0; s < scan.scopeCount; s++) this.visitScope(payload, scan, s)
    for (let i = 0; i < scan.spanCount; i++) this.#visitSpan(payload, scan, i, this.#ranges)
  }

  visitResource(payload: Uint8Array, scan: TracesScan, r: number): void {
    const offset = scan.resourceOffset[r]!
    if (offset === -1) return
    this.#use(payload)
    this.pos = offset
    this.#holder(offset + scan.resourceLength[r]!, 10) // attributes = 1
  }

  /** Its name and version count as attributes, by the names that queries have for them. */
  visitScope(payload: Uint8Array, scan: TracesScan, s: number): void {
    const offset = scan.scopeOffset[s]!
    if (offset === -1) return
    const end = offset + scan.scopeLength[s]!
    this.#use(payload)
    this.pos = offset
    while (this.pos < end) {
      const tag = this.tag(end)
      const field = scopeFields.get(tag)
      if (tag === 26) this.#keyValue(this.valueEnd(end))
      else if (field === undefined) this.skipValue(tag & 7, end)
      else {
        const valueEnd = this.valueEnd(end)
        const key = hashBytes(seed, field, 0, field.byteLength)
        this.#add(hashText(key, this.#view, this.pos, valueEnd))
        this.pos = valueEnd
      }
    }
  }

  /** The attributes of the span, of its events and of its links. */
  visitSpan(payload: Uint8Array, scan: TracesScan, i: number): void {
    this.#visitSpan(payload, scan, i, undefined)
  }

  #visitSpan(
    payload: Uint8Array,
    scan: TracesScan,
    i: number,
    ranges: RepeatedRanges | undefined,
  ): void {
    this.#use(payload)
    const end = scan.spanOffset[i]! + scan.spanLength[i]!
    let valueEnd = 0
    for (let pos = scan.spanOffset[i]!; pos < end; pos = valueEnd) {
      let tag = payload[pos]!
      const length = payload[pos + 1]!
      if (tag < 128 && (tag & 7) === LEN && length < 128) {
        // What most fields are: a tag and a length of one byte each.
        this.pos = pos + 2
        valueEnd = this.pos + length
      } else {
        this.pos = pos
        tag = this.tag(end)
        if ((tag & 7) !== LEN) this.skipValue(tag & 7, end)
        valueEnd = (tag & 7) === LEN ? this.valueEnd(end) : this.pos
      }
      if (tag === 74) {
        if (!ranges?.isRepeated(this.#view, this.pos, valueEnd)) this.#keyValue(valueEnd)
      } else if (tag === 90)
        this.#holder(valueEnd, 26) // an event's attributes = 3
      else if (tag === 106) this.#holder(valueEnd, 34) // a link's attributes = 4
    }
  }

  #use(payload: Uint8Array): void {
    if (this.bytes === payload) return
    this.bytes = payload
    this.#view = viewOf(payload)
  }

  #holder(end: number, attributeTag: number): void {
    while (this.pos < end) {
      const tag = this.tag(end)
      if (tag === attributeTag) this.#keyValue(this.valueEnd(end))
      else this.skipValue(tag & 7, end)
    }
  }

  #keyValue(end: number): void {
    if (this.#takesPlainText(end)) return
    let key = seed
    let value = -1
    let valueEnd = -1
    while (this.pos < end) {
      const tag = this.tag(end)
      if (tag === 10) {
        const keyEnd = this.valueEnd(end)
        key = hashBytes(seed, this.#view, this.pos, keyEnd)
        this.pos = keyEnd
      } else if (tag === 18) {
        valueEnd = this.valueEnd(end)
        value = this.pos
        this.pos = valueEnd
      } else this.skipValue(tag & 7, end)
    }
    if (value === -1) this.#add(hashOther(key))
    else {
      this.pos = value
      this.#add(this.#value(key, valueEnd))
    }
    this.pos = end
  }

  /** What most attributes are: a key and a text, both short. A shortcut, with the same outcome. */
  #takesPlainText(end: number): boolean {
    const { bytes, pos } = this
    if (end - pos < 6 || bytes[pos] !== 10 || bytes[pos + 1]! > 127) return false
    const value = pos + 2 + bytes[pos + 1]!
    const length = end - value - 2
    if (length < 2 || length > 127 || bytes[value] !== 18 || bytes[value + 1] !== length)
      return false
    if (bytes[value + 2] !== 10 || bytes[value + 3] !== length - 2) return false
    this.#add(hashText(hashBytes(seed, this.#view, pos + 2, value), this.#view, value + 4, end))
    this.pos = end
    return true
  }

  #value(key: number, end: number): number {
    let hash = hashOther(key)
    while (this.pos < end) {
      const tag = this.tag(end)
      if (tag === 10 || tag === 58) {
        const textEnd = this.valueEnd(end)
        const kind = tag === 10 ? kinds.text : kinds.bytes
        hash = finish(hashBytes(mix(key, kind), this.#view, this.pos, textEnd))
        this.pos = textEnd
      } else if (tag === 16) {
        const low = this.varint(end)
        hash = hashWords(key, kinds.boolean, (low | this.high) === 0 ? 0 : 1, 0)
      } else if (tag === 24) {
        const low = this.varint(end)
        hash = hashWords(key, kinds.integer, low, this.high)
      } else if (tag === 33) {
        const low = this.fixed64(end)
        hash = hashDouble(key, low, this.high)
      } else {
        // An array or a list takes the place of what was before; an unknown field does not.
        if (tag === 42 || tag === 50) hash = hashOther(key)
        this.skipValue(tag & 7, end)
      }
    }
    return hash
  }
}

/**
 * The hashes of which a record must have one, where an attribute with this key reads as `text`: a
 * text, or a number, a boolean or bytes that are written so. Undefined when hashes cannot tell.
 */
export function attributeHashes(key: string, text: string): readonly number[] | undefined {
  // Bytes that are not UTF-8 read as U+FFFD, whatever they are.
  if (`${key}${text}`.includes('\ufffd')) return undefined
  const keyBytes = viewOf(Buffer.from(key))
  const keyHash = hashBytes(seed, keyBytes, 0, keyBytes.byteLength)
  const bytes = viewOf(Buffer.from(text))
  const hashes = [hashText(keyHash, bytes, 0, bytes.byteLength)]
  if (text === 'true' || text === 'false') {
    hashes.push(hashWords(keyHash, kinds.boolean, text === 'true' ? 1 : 0, 0))
  }
  if (/^-?\d{1,20}$/.test(text)) {
    const integer = BigInt.asUintN(64, BigInt(text))
    const [high, low] = [Number(integer >> 32n), Number(integer & 0xffff_ffffn)]
    hashes.push(hashWords(keyHash, kinds.integer, low, high))
  }
  const double = Number(text)
  if (text !== '' && Number.isFinite(double)) {
    const words = Buffer.alloc(8)
    words.writeDoubleLE(double)
    hashes.push(hashDouble(keyHash, words.readUInt32LE(0), words.readUInt32LE(4)))
  }
  const decoded = Buffer.from(text, 'base64')
  if (decoded.toString('base64') === text) {
    hashes.push(finish(hashBytes(mix(keyHash, kinds.bytes), viewOf(decoded), 0, decoded.length)))
  }
  const isOther = /^$|^[[{]|^(null|NaN|-?Infinity)$/.test(text)
  if (isOther) hashes.push(hashOther(keyHash))
  return hashes
}

function hashText(key: number, bytes: DataView, start: number, end: number): number {
  return finish(hashBytes(mix(key, kinds.text), bytes, start, end))
}

function hashOther(key: number): number {
  return finish(mix(key, kinds.other))
}

function hashWords(key: number, kind: number, low: number, high: number): number {
  return finish(mix(mix(mix(key, kind), low), high))
}

/** Minus zero reads as `0`; NaN and the infinities are names in JSON, and there are many NaNs. */
function hashDouble(key: number, low: number, high: number): number {
  if ((high & 0x7ff0_0000) === 0x7ff0_0000) return hashOther(key)
  const isZero = low === 0 && (high & 0x7fff_ffff) === 0
  return hashWords(key, kinds.double, low, isZero ? 0 : high)
}

/** Four bytes at a time, then the rest; the length goes in, so that zeros at the end count. */
function hashBytes(from: number, bytes: DataView, start: number, end: number): number {
  let hash = mix(from, end - start)
  let at = start
  for (; at + 4 <= end; at += 4) hash = mix(hash, bytes.getInt32(at, true))
  let rest = 0
  for (; at < end; at++) rest = (rest << 8) | bytes.getUint8(at)
  return mix(hash, rest)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
