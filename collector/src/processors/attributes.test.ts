import type { AnyValue, KeyValue } from '@pingtrace/otlp'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MalformedError } from '../consumer.ts'
import { arbitraryTraces } from '../otlp/arbitrary-traces.ts'
import { decodeTraces } from '../otlp/decode.ts'
import { transcodeTraces } from '../otlp/json-to-protobuf.ts'
import { TracesScan } from '../otlp/scan.ts'
import { request, span, spanIdOf, traceIdOf } from '../testing.ts'
import type { AttributeAction } from './attribute-action.ts'
import { attributes } from './attributes.ts'

const outcome = { acceptedSpans: 1, rejectedSpans: 0, message: '' }

/** What goes on to the next consumer. */
async function edited(payload: Uint8Array, ...actions: AttributeAction[]): Promise<Uint8Array> {
  let passed: Uint8Array | undefined
  const processor = attributes(actions, {
    consumeTraces: async (request) => {
      passed = request.payload
      return outcome
    },
  })
  expect(await processor.consumeTraces({ receiver: 'otlp-grpc', payload })).toBe(outcome)
  return passed!
}

const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } })

async function after(before: KeyValue[], ...actions: AttributeAction[]): Promise<KeyValue[]> {
  const payload = request('shop', span(traceIdOf(1), spanIdOf(1), { attributes: before }))
  const [resource] = decodeTraces(await edited(payload, ...actions)).resourceSpans ?? []
  expect(resource?.resource?.attributes).toEqual([text('service.name', 'shop')])
  return resource?.scopeSpans?.[0]?.spans?.[0]?.attributes ?? []
}

const a = text('a', 'old')
const b = text('b', 'other')
const value = { stringValue: 'new' }

describe('the attributes processor', () => {
  it.each<[KeyValue[], AttributeAction, KeyValue[]]>([
    [[a], { action: 'insert', key: 'a', value }, [a]],
    [[b], { action: 'insert', key: 'a', value }, [b, text('a', 'new')]],
    [[], { action: 'insert', key: 'a', value }, [text('a', 'new')]],
    [[a, b], { action: 'update', key: 'a', value }, [b, text('a', 'new')]],
    [[b], { action: 'update', key: 'a', value }, [b]],
    [[b], { action: 'upsert', key: 'a', value }, [b, text('a', 'new')]],
    [[a], { action: 'upsert', key: 'a', value }, [text('a', 'new')]],
    [[a, b], { action: 'upsert', key: 'c', from: 'a' }, [a, b, text('c', 'old')]],
    [[b], { action: 'upsert', key: 'c', from: 'a' }, [b]],
    [[a, b], { action: 'delete', key: 'a' }, [b]],
    [[b], { action: 'delete', key: 'a' }, [b]],
    // A secret that is there twice is deleted twice.
    [[a, b, a], { action: 'delete', key: 'a' }, [b]],
    [[a, b, a], { action: 'update', key: 'a', value }, [b, text('a', 'new')]],
  ])('makes of %j by %j %j', async (before, action, expected) => {
    expect(await after(before, action)).toEqual(expected)
  })

  it.each<[AttributeAction & { value: object }, AnyValue]>([
    [{ action: 'insert', key: 'v', value: { boolValue: false } }, { boolValue: false }],
    [{ action: 'insert', key: 'v', value: { intValue: -3 } }, { intValue: '-3' }],
    [{ action: 'insert', key: 'v', value: { intValue: 2 ** 40 } }, { intValue: `${2 ** 40}` }],
    [{ action: 'insert', key: 'v', value: { doubleValue: 0.5 } }, { doubleValue: 0.5 }],
    [{ action: 'insert', key: 'v', value: { stringValue: '' } }, { stringValue: '' }],
  ])('writes the value of %j', async (action, expected) => {
    expect(await after([], action)).toEqual([{ key: 'v', value: expected }])
  })

  it('does one action after the other', async () => {
    const rename: AttributeAction[] = [
      { action: 'upsert', key: 'b', from: 'a' },
      { action: 'delete', key: 'a' },
    ]
    expect(await after([a], ...rename)).toEqual([text('b', 'old')])
  })

  it('passes on the same bytes where there is nothing to change', async () => {
    const payload = request('shop', span(traceIdOf(1), spanIdOf(1), { attributes: [a] }))
    expect(await edited(payload, { action: 'delete', key: 'missing' })).toBe(payload)
  })

  it('refuses what is no request, as the store would', async () => {
    const cut = request('shop', span(traceIdOf(1), spanIdOf(1))).subarray(0, 20)
    await expect(edited(cut, { action: 'delete', key: 'a' })).rejects.toThrow(MalformedError)
  })

  it('touches nothing but what it is told to, whatever the request has in it', async () => {
    const key = 'service.name'
    await fc.assert(
      fc.asyncProperty(arbitraryTraces, async (traces) => {
        const payload = transcodeTraces(Buffer.from(JSON.stringify(traces)))
        const result = await edited(payload, { action: 'upsert', key, value })
        new TracesScan().scan(result)
        const expected = decodeTraces(payload)
        for (const { scopeSpans = [] } of expected.resourceSpans ?? []) {
          for (const one of scopeSpans.flatMap(({ spans = [] }) => spans)) {
            const kept = (one.attributes ?? []).filter((attribute) => attribute.key !== key)
            one.attributes = [...kept, { key, value }]
          }
        }
        expect(decodeTraces(result)).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })
})
