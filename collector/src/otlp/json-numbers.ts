import type { Scalar } from './message-type.ts'

const MINUS = 0x2d
const POINT = 0x2e

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39

/** Where the JSON number that begins at `start` ends; -1 when none does. */
export function numberEnd(text: Uint8Array, start: number, end: number): number {
  let pos = text[start] === MINUS ? start + 1 : start
  const integer = digitsEnd(text, pos, end)
  if (integer === pos || (text[pos] === 0x30 && integer > pos + 1)) return -1
  pos = integer
  if (pos < end && text[pos] === POINT) {
    const fraction = digitsEnd(text, pos + 1, end)
    if (fraction === pos + 1) return -1
    pos = fraction
  }
  if (pos < end && (text[pos]! | 0x20) === 0x65) {
    const sign = text[pos + 1]
    const digits = sign === 0x2b || sign === MINUS ? pos + 2 : pos + 1
    const exponent = digitsEnd(text, digits, end)
    if (exponent === digits) return -1
    pos = exponent
  }
  return pos
}

function digitsEnd(text: Uint8Array, start: number, end: number): number {
  let pos = start
  while (pos < end && isDigit(text[pos])) pos++
  return pos
}

/** The double that a JSON number names; undefined when it is none, or too large for a double. */
export function parseDouble(text: Uint8Array, start: number, end: number): number | undefined {
  if (numberEnd(text, start, end) !== end) return undefined
  const value = Number(latin1(text, start, end))
  return Number.isFinite(value) ? value : undefined
}

export type IntegerScalar = Extract<Scalar, 'int64' | 'enum' | 'uint32' | 'fixed32' | 'fixed64'>

/** An integer of up to 64 bits, kept in two halves: a double would lose its last digits. */
export class Integer64 {
  negative = false
  /** The halves of the absolute value. */
  low = 0
  high = 0

  /** Reads a JSON number; false when it is none, no integer, or over 64 bits. */
  parse(text: Uint8Array, start: number, end: number): boolean {
    if (this.#parseTime(text, start, end)) return true
    if (numberEnd(text, start, end) !== end) return false
    this.negative = text[start] === MINUS
    this.low = 0
    this.high = 0
    for (let pos = this.negative ? start + 1 : start; pos < end; pos++) {
      const byte = text[pos]!
      if (!isDigit(byte)) return this.#parseScientific(text, start, end)
      const low = this.low * 10 + (byte - 0x30)
      this.low = low >>> 0
      this.high = this.high * 10 + (low - this.low) / 2 ** 32
      if (this.high >= 2 ** 32) return false
    }
    return true
  }

  /** What most are, nanoseconds since 1970 in 19 digits: a shortcut, with the same outcome. */
  #parseTime(text: Uint8Array, start: number, end: number): boolean {
    if (end - start !== 19 || text[start] === 0x30) return false
    const seconds = digits(text, start, start + 10)
    const nanos = digits(text, start + 10, end)
    if (seconds === -1 || nanos === -1) return false
    this.negative = false
    // In two halves of 16 bits, since the product of the whole has more bits than a double.
    const upper = Math.floor(seconds / 2 ** 16) * 1e9
    const lower = (seconds % 2 ** 16) * 1e9 + (upper % 2 ** 16) * 2 ** 16 + nanos
    this.low = lower >>> 0
    this.high = Math.floor(upper / 2 ** 16) + Math.floor(lower / 2 ** 32)
    return true
  }

  /** Whether it is a value of this type, one of the integers of the wire table. */
  fits(scalar: IntegerScalar): boolean {
    const { low, high } = this
    const negative = this.negative && (low !== 0 || high !== 0)
    switch (scalar) {
      case 'int64':
        return high < 2 ** 31 || (negative && high === 2 ** 31 && low === 0)
      case 'enum':
        return high === 0 && (low < 2 ** 31 || (negative && low === 2 ** 31))
      case 'fixed64':
        return !negative
      case 'uint32':
      case 'fixed32':
        return !negative && high === 0
    }
  }

  /** The halves in two's complement. */
  get lowBits(): number {
    return (this.negative ? -this.low : this.low) >>> 0
  }

  get highBits(): number {
    if (!this.negative) return this.high
    return (this.low === 0 ? -this.high : ~this.high) >>> 0
  }

  /** ProtoJSON takes 1.0 and 1e3 for integers, since some languages write them so. */
  #parseScientific(text: Uint8Array, start: number, end: number): boolean {
    // Work on long numbers grows with the square of their length, and no honest one is long.
    if (end - start > 64) return false
    const [, integer = '', fraction = '', exponent = '0'] =
      /^-?(\d+)(?:\.(\d*?)0*)?(?:e(.+))?$/i.exec(latin1(text, start, end)) ?? []
    const zeros = Number(exponent) - fraction.length
    const digits = BigInt(integer + fraction)
    if (digits === 0n) return this.#set(0n)
    // 64 bits are at most 20 digits, and the power below must stay small.
    if (zeros > 20 || zeros < -20) return false
    if (zeros >= 0) return this.#set(digits * 10n ** BigInt(zeros))
    const divisor = 10n ** BigInt(-zeros)
    return digits % divisor === 0n && this.#set(digits / divisor)
  }

  #set(value: bigint): boolean {
    this.low = Number(value & 0xffff_ffffn)
    this.high = Number(value >> 32n)
    return this.high < 2 ** 32
  }
}

/** The number that up to 15 digits name; -1 where there are others. */
function digits(text: Uint8Array, start: number, end: number): number {
  let value = 0
  for (let pos = start; pos < end; pos++) {
    const digit = text[pos]! - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/** ASCII as a string. */
export function latin1(text: Uint8Array, start: number, end: number): string {
  return Buffer.from(text.buffer, text.byteOffset + start, end - start).toString('latin1')
}
