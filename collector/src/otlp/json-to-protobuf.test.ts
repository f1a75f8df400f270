import { expect, it } from 'vitest'
import { transcodeTraces } from './json-to-protobuf.ts'
import { asJson, asProtobuf, realSpans } from './testing.ts'

it('makes the bytes that the SDK makes, once fields come in the order of their numbers', () => {
  const spans = realSpans()
  const json = JSON.parse(new TextDecoder().decode(asJson(spans)), (_, value) => inOrder(value))
  expect(Buffer.from(transcodeTraces(encode(json))).toString('hex')).toBe(
    Buffer.from(asProtobuf(spans)).toString('hex'),
  )
})

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

/** The fields that the SDK's JSON has in another order than the wire table. */
const order = [
  'traceId',
  'spanId',
  'traceState',
  'parentSpanId',
  'timeUnixNano',
  'name',
  'version',
  'kind',
  'startTimeUnixNano',
  'endTimeUnixNano',
  'attributes',
  'droppedAttributesCount',
  'events',
  'droppedEventsCount',
  'links',
  'droppedLinksCount',
  'status',
  'message',
  'code',
  'flags',
]

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)),
  )
}
