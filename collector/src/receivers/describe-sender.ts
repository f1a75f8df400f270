import { readValue } from '@pingtrace/otlp'
import { MalformedError } from '../consumer.ts'
import { decodeResource } from '../otlp/decode.ts'
import { ProtobufReader } from '../otlp/protobuf-reader.ts'
import { exportTraceServiceRequest, keyValue, resource, resourceSpans } from '../otlp/schema.ts'

/** A resource is kept whole up to so many bytes; of a larger one, what is asked for below. */
const smallBytes = 1_024
/** Of an attribute that is kept of a larger one. */
const longestAttribute = 512
/** Fields that are stepped over at most in each message. */
const mostFields = 1_024

const serviceKey = 'service.name'
const sdkKeys = ['language', 'name', 'version'].map((part) => `telemetry.sdk.${part}`)
const wantedKeys = [serviceKey, ...sdkKeys].map((key) => Buffer.from(key))

const resourceSpansTag = exportTraceServiceRequest.byNumber[1]!.tag
const resourceTag = resourceSpans.byNumber[1]!.tag
const attributeTag = resource.byNumber[1]!.tag
const keyTag = keyValue.byNumber[1]!.tag

const reader = new ProtobufReader()

/**
 * Who made a request, to be read later: the attributes of its first resource, as a Resource message in
 * protobuf, copied, so that the bytes that it came in are not held for it. The walk steps from field to
 * field. Undefined where there is no resource, or no OTLP.
 */
export function senderOf(payload: Uint8Array): Buffer | undefined {
  reader.bytes = payload
  reader.pos = 0
  try {
    const spansEnd = enter(resourceSpansTag, payload.length)
    const end = spansEnd && enter(resourceTag, spansEnd)
    if (end === undefined) return undefined
    const start = reader.pos
    return end - start <= smallBytes ? Buffer.from(payload.subarray(start, end)) : pick(end)
  } catch (error) {
    // Whoever decodes it says what is wrong with it.
    if (error instanceof MalformedError) return undefined
    throw error
  } finally {
    reader.bytes = new Uint8Array()
  }
}

/** @param sender what `senderOf` gave; what is not found in it is left out */
export function describeSender(sender: Buffer): { service?: string; sdk?: string } {
  const texts = new Map<string, string>()
  try {
    for (const { key = '', value } of decodeResource(sender).attributes ?? []) {
      const text = readValue(value)
      if (typeof text === 'string') texts.set(key, text)
    }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
  }
  const service = texts.get(serviceKey)
  const sdk = sdkKeys.flatMap((key) => texts.get(key) ?? []).join(' ')
  return { ...(service && { service }), ...(sdk && { sdk }) }
}

/** Goes to the content of the first field with this tag, and answers where it ends. */
function enter(tag: number, end: number): number | undefined {
  for (let fields = 0; reader.pos < end && fields < mostFields; fields++) {
    const next = reader.tag(end)
    if (next === tag) return reader.valueEnd(end)
    reader.skipValue(next & 7, end)
  }
  return undefined
}

/** The attributes that are asked for, of the Resource from the cursor to `end`. */
function pick(end: number): Buffer {
  const picked: Uint8Array[] = []
  for (let fields = 0; reader.pos < end && fields < mostFields; fields++) {
    const start = reader.pos
    const tag = reader.tag(end)
    if (tag !== attributeTag) {
      reader.skipValue(tag & 7, end)
      continue
    }
    const valueEnd = reader.valueEnd(end)
    const isShort = valueEnd - start <= longestAttribute
    if (isShort && isWanted(valueEnd)) picked.push(reader.bytes.subarray(start, valueEnd))
    reader.pos = valueEnd
  }
  return Buffer.concat(picked)
}

/** Whether the KeyValue from the cursor to `end` begins with one of the keys. */
function isWanted(end: number): boolean {
  if (reader.pos === end || reader.tag(end) !== keyTag) return false
  const keyEnd = reader.valueEnd(end)
  const { bytes, pos } = reader
  return wantedKeys.some((key) => key.compare(bytes, pos, keyEnd) === 0)
}
