/**
 * Who made a request, read from the start of its protobuf: the attributes of the first resource stand
 * there, as every SDK writes them. Nothing is parsed; what is not found is left out.
 */
export function describeSender(head: Buffer): { service?: string; sdk?: string } {
  const service = attributeText(head, 'service.name')
  const sdk = ['language', 'name', 'version']
    .map((part) => attributeText(head, `telemetry.sdk.${part}`))
    .filter((text) => text !== undefined)
    .join(' ')
  return { ...(service && { service }), ...(sdk && { sdk }) }
}

/**
 *   message KeyValue { string key = 1; AnyValue value = 2; }
 *   message AnyValue { oneof value { string string_value = 1; ... } }
 *
 * Lengths of one byte, so texts of under 126 bytes.
 */
function attributeText(head: Buffer, key: string): string | undefined {
  const [keyTag, valueTag, stringTag] = [0x0a, 0x12, 0x0a]
  const start = Buffer.from([keyTag, key.length, ...Buffer.from(key), valueTag])
  const found = head.indexOf(start)
  if (found === -1) return undefined
  const value = found + start.length
  const length = head[value + 2]
  if (head[value + 1] !== stringTag || length === undefined || head[value] !== length + 2) {
    return undefined
  }
  return head.toString('utf8', value + 3, value + 3 + length)
}
