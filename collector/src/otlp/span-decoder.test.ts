import { readSpans, SpanDecoder } from '@pingtrace/otlp'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { arbitraryTraces } from './arbitrary-traces.ts'
import { decodeTraces } from './decode.ts'
import { encodeTraces } from './protobufjs.test-support.ts'
import { TracesScan } from './scan.ts'
import { asProtobuf, damaged, realSpans, refusal } from './testing.ts'

// The decoder of packages/otlp, which the viewer reads with, beside the one that makes OTLP's JSON.

/** One decoder for all: what it keeps from one trace to the next must not show. */
const decoder = new SpanDecoder()
const request = asProtobuf(realSpans())

it('reads of any trace what its JSON says', () => {
  fc.assert(
    fc.property(arbitraryTraces, (traces) => {
      const bytes = encodeTraces(traces)
      expect(decoder.decode(bytes)).toEqual(readSpans(decodeTraces(bytes)))
    }),
  )
})

it('reads of whatever a scan lets through what its JSON says', () => {
  const scan = new TracesScan()
  fc.assert(
    fc.property(damaged(request), (bytes) => {
      if (refusal(() => scan.scan(bytes)) !== undefined) return
      expect(decoder.decode(bytes)).toEqual(readSpans(decodeTraces(bytes)))
    }),
    { numRuns: 2_000 },
  )
})

it('reads nothing past the end, and comes to one, whatever the bytes are', () => {
  fc.assert(
    fc.property(fc.oneof(damaged(request), fc.uint8Array({ maxLength: 300 })), (bytes) => {
      try {
        decoder.decode(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }),
    { numRuns: 2_000 },
  )
})
