import { TooLargeError } from '../consumer.ts'
import { malformed } from './malformed.ts'
import { ProtobufReader, readUint32 } from './protobuf-reader.ts'
import { ScanTables } from './scan-tables.ts'
import {
  exportTraceServiceRequest,
  instrumentationScope,
  resource,
  resourceSpans,
  scopeSpans,
  span,
  status,
} from './schema.ts'
import { readServiceName } from './service-name.ts'
import { validate, validateKeyValue, validateValue } from './validate.ts'

/**
 * Of spans, and so of resources and of scopes: a power of two, since tables double. SDKs send 512 at a
 * time, the official Collector 8,192; but 20 MiB have room for ten million empty spans, whose tables
 * would be a gigabyte.
 */
const maxEntries = 131_072

/**
 * What one pass over a request notes; reused between requests, so readers copy what they keep.
 * Offsets are into the scanned bytes. Tables may be longer than their counts, and are replaced when
 * they grow: read them anew after each `scan`.
 *
 * The pass decodes nothing and allocates nothing per span, but it does look at every tag and length
 * down to the last attribute: a request that it lets through can be decoded from end to end, in any
 * of its parts. Of a field or message that is written twice where the schema has one, the last
 * counts; protobuf would merge two messages, but no encoder writes that, and ranges cannot say it.
 */
export class TracesScan extends ScanTables {
  // Tags are spelled out below, (field number << 3) | wire type, since a switch wants constants.
  readonly #reader = new ProtobufReader()

  /**
   * Scans an ExportTraceServiceRequest; an empty one is valid, and so are several in a row.
   * @throws MalformedError naming the byte; the tables mean nothing then
   * @throws TooLargeError for what would take too much memory, here or where it is read
   */
  scan(bytes: Uint8Array): void {
    this.reset()
    const reader = this.#reader
    reader.bytes = bytes
    reader.pos = 0
    reader.messages = 0
    const end = bytes.length
    if (end > 0x7fff_ffff) throw malformed('a request of over 2 GiB', 0x8000_0000)
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag === 10) this.#resourceSpans(reader, reader.valueEnd(end))
      else reader.skipUnknown(tag, exportTraceServiceRequest, end)
    }
  }

  #resourceSpans(reader: ProtobufReader, end: number): void {
    const index = this.resourceCount++
    if (index === this.resourceOffset.length) this.resizeResources(doubled(index))
    this.resourceOffset[index] = -1
    this.resourceLength[index] = 0
    this.resourceSchemaUrlOffset[index] = -1
    this.resourceSchemaUrlLength[index] = 0
    this.serviceOffset[index] = -1
    this.serviceLength[index] = 0
    while (reader.pos < end) {
      const tag = reader.tag(end)
      switch (tag) {
        case 10: // resource = 1
          this.#resource(reader, reader.valueEnd(end), index)
          break
        case 18: // scope_spans = 2
          this.#scopeSpans(reader, reader.valueEnd(end), index)
          break
        case 26: {
          // schema_url = 3
          const valueEnd = reader.valueEnd(end)
          this.resourceSchemaUrlOffset[index] = reader.pos
          this.resourceSchemaUrlLength[index] = valueEnd - reader.pos
          reader.pos = valueEnd
          break
        }
        default:
          reader.skipUnknown(tag, resourceSpans, end)
      }
    }
  }

  #resource(reader: ProtobufReader, end: number, index: number): void {
    const start = reader.pos
    validate(reader, resource, end, 2)
    this.resourceOffset[index] = start
    this.resourceLength[index] = end - start
    this.serviceOffset[index] = -1
    this.serviceLength[index] = 0
    reader.pos = start
    while (reader.pos < end) {
      const tag = reader.tag(end)
      if (tag !== 10) {
        reader.skipValue(tag & 7, end)
        continue
      }
      // attributes = 1
      const name = readServiceName(reader, reader.valueEnd(end))
      if (name === undefined) continue
      this.serviceOffset[index] = name.offset
      this.serviceLength[index] = name.length
    }
  }

  #scopeSpans(reader: ProtobufReader, end: number, resourceIndex: number): void {
    const index = this.scopeCount++
    if (index === this.scopeOffset.length) this.resizeScopes(doubled(index))
    this.scopeOffset[index] = -1
    this.scopeLength[index] = 0
    this.scopeSchemaUrlOffset[index] = -1
    this.scopeSchemaUrlLength[index] = 0
    while (reader.pos < end) {
      const tag = reader.tag(end)
      switch (tag) {
        case 10: {
          // scope = 1
          const valueEnd = reader.valueEnd(end)
          this.scopeOffset[index] = reader.pos
          this.scopeLength[index] = valueEnd - reader.pos
          validate(reader, instrumentationScope, valueEnd, 3)
          break
        }
        case 18: // spans = 2
          this.#span(reader, reader.valueEnd(end), resourceIndex, index)
          break
        case 26: {
          // schema_url = 3
          const valueEnd = reader.valueEnd(end)
          this.scopeSchemaUrlOffset[index] = reader.pos
          this.scopeSchemaUrlLength[index] = valueEnd - reader.pos
          reader.pos = valueEnd
          break
        }
        default:
          reader.skipUnknown(tag, scopeSpans, end)
      }
    }
  }

  #span(reader: ProtobufReader, end: number, resourceIndex: number, scopeIndex: number): void {
    const index = this.spanCount++
    if (index === this.spanOffset.length) this.resizeSpans(doubled(index))
    this.spanOffset[index] = reader.pos
    this.spanLength[index] = end - reader.pos
    this.traceIdOffset[index] = -1
    this.spanIdOffset[index] = -1
    this.parentIdOffset[index] = -1
    this.nameOffset[index] = 0
    this.nameLength[index] = 0
    this.kind[index] = 0
    this.statusCode[index] = 0
    this.startLow[index] = 0
    this.startHigh[index] = 0
    this.endLow[index] = 0
    this.endHigh[index] = 0
    this.resourceOf[index] = resourceIndex
    this.scopeOf[index] = scopeIndex
    while (reader.pos < end) {
      const tag = reader.tag(end)
      switch (tag) {
        case 10: // trace_id = 1
          this.traceIdOffset[index] = readId(reader, reader.valueEnd(end), 16)
          break
        case 18: // span_id = 2
          this.spanIdOffset[index] = readId(reader, reader.valueEnd(end), 8)
          break
        case 34: // parent_span_id = 4
          this.parentIdOffset[index] = readId(reader, reader.valueEnd(end), 8)
          break
        case 42: {
          // name = 5
          const valueEnd = reader.valueEnd(end)
          this.nameOffset[index] = reader.pos
          this.nameLength[index] = valueEnd - reader.pos
          reader.pos = valueEnd
          break
        }
        case 48: // kind = 6
          this.kind[index] = readSmallEnum(reader, end)
          break
        case 57: {
          // start_time_unix_nano = 7
          const start = reader.advance(8, end)
          this.startLow[index] = readUint32(reader.bytes, start)
          this.startHigh[index] = readUint32(reader.bytes, start + 4)
          break
        }
        case 65: {
          // end_time_unix_nano = 8
          const start = reader.advance(8, end)
          this.endLow[index] = readUint32(reader.bytes, start)
          this.endHigh[index] = readUint32(reader.bytes, start + 4)
          break
        }
        case 74: // attributes = 9
          validateKeyValue(reader, reader.valueEnd(end), 4)
          break
        case 80: // dropped_attributes_count = 10
        case 96: // dropped_events_count = 12
        case 112: // dropped_links_count = 14
          reader.varint(end)
          break
        case 122: // status = 15
          this.statusCode[index] = readStatusCode(reader, reader.valueEnd(end))
          break
        default: // what is rare, and what is wrong
          validateValue(reader, tag, span, end, 3)
      }
    }
  }
}

/** @throws TooLargeError when a table would have more than a request may fill */
function doubled(capacity: number): number {
  if (capacity >= maxEntries) {
    throw new TooLargeError(`a request may have ${maxEntries} spans, resources or scopes`)
  }
  return capacity * 2
}

/** -1 when it is not `length` bytes long or nothing but zeros: trace.proto calls that invalid. */
function readId(reader: ProtobufReader, end: number, length: number): number {
  const start = reader.pos
  reader.pos = end
  if (end - start !== length) return -1
  for (let i = start; i < end; i++) if (reader.bytes[i] !== 0) return start
  return -1
}

function readStatusCode(reader: ProtobufReader, end: number): number {
  let code = 0
  while (reader.pos < end) {
    const tag = reader.tag(end)
    // code = 3
    if (tag === 24) code = readSmallEnum(reader, end)
    else validateValue(reader, tag, status, end, 4)
  }
  return code
}

function readSmallEnum(reader: ProtobufReader, end: number): number {
  const value = reader.varint(end)
  return value > 255 ? 0 : value
}
