/** 64-bit times travel as two unsigned 32-bit halves: columns hold them, and nothing is allocated. */
export function isLess(high: number, low: number, thanHigh: number, thanLow: number): boolean {
  return high < thanHigh || (high === thanHigh && low < thanLow)
}

export function toBigInt(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low)
}

/** Four bytes as an unsigned number; the order does not matter as long as it is always the same. */
export function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  )
}

/** The hex digits of the four bytes that `word` made a number of. */
export function wordHex(value: number): string {
  const swapped =
    (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)
  return (swapped >>> 0).toString(16).padStart(8, '0')
}

/** The halves of a time; one before 1970 is 1970. */
export function halves(time: bigint): [high: number, low: number] {
  const sinceEpoch = time < 0n ? 0n : time
  return [Number(sinceEpoch >> 32n), Number(sinceEpoch & 0xffff_ffffn)]
}
