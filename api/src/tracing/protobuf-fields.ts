/** The length-delimited values of one field of a protobuf message. */
export function messages(message: Buffer, field: number): Buffer[] {
  return fields(message).flatMap((entry) =>
    entry.field === field && typeof entry.value !== 'number' ? [entry.value] : [],
  )
}

/** The integer in one field of a protobuf message, or 0. */
export function number(message: Buffer, field: number): number {
  const found = fields(message).find((entry) => entry.field === field)?.value
  return typeof found === 'number' ? found : 0
}

/** The integers and the length-delimited fields of a protobuf message, up to what is malformed. */
function fields(message: Buffer): Array<{ field: number; value: number | Buffer }> {
  const found: Array<{ field: number; value: number | Buffer }> = []
  let at = 0
  const varint = () => {
    let value = 0
    for (let scale = 1; at < message.length; scale *= 128) {
      const byte = message[at++] ?? 0
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
    }
    return value
  }
  while (at < message.length) {
    const key = varint()
    const wireType = key & 7
    if (wireType !== 0 && wireType !== 2) break
    const value = varint()
    if (wireType === 0) {
      found.push({ field: key >>> 3, value })
    } else {
      found.push({ field: key >>> 3, value: message.subarray(at, at + value) })
      at += value
    }
  }
  return found
}
