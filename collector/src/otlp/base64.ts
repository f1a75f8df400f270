import type { ProtobufWriter } from './protobuf-writer.ts'

const PADDING = 0x3d

/** The value of a character, of the standard and the URL-safe alphabet; -1 for all others. */
const values = new Int8Array(256).fill(-1)
for (const alphabet of ['+/', '-_']) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  for (const [value, letter] of [...letters, ...alphabet].entries()) {
    values[letter.charCodeAt(0)] = value
  }
}

/**
 * Writes the bytes that base64 text stands for, of either alphabet, padded or not, which is what
 * ProtoJSON asks of readers. False when it is no base64.
 */
export function writeBase64(
  writer: ProtobufWriter,
  text: Uint8Array,
  start: number,
  end: number,
): boolean {
  let last = end
  if ((end - start) % 4 === 0) {
    while (last > start && end - last < 2 && text[last - 1] === PADDING) last--
  }
  if ((last - start) % 4 === 1) return false
  let bits = 0
  let count = 0
  for (let pos = start; pos < last; pos++) {
    const value = values[text[pos]!]!
    if (value < 0) return false
    bits = (bits << 6) | value
    count += 6
    if (count >= 8) {
      count -= 8
      writer.byte((bits >> count) & 255)
    }
  }
  return true
}
