import type { ReceivedRequest } from '@pingtrace/otlp'
import { describe, expect, it } from 'vitest'
import { maxRequests, mergeRequests } from './requests-store.ts'
import { contentText, howText, senderText } from './words.ts'

const request = (number: number, known: Partial<ReceivedRequest> = {}): ReceivedRequest => ({
  number,
  time: 0,
  transport: 'http',
  kind: 'traces',
  outcome: 'accepted',
  code: 200,
  ...known,
})
const came = (...numbers: number[]) => ({
  event: 'requests',
  data: { requests: numbers.map((number) => request(number)) },
})
const numbers = (requests: ReceivedRequest[]) => requests.map(({ number }) => number)

describe('mergeRequests', () => {
  it('lists the newest first, and begins anew with a collector that did', () => {
    const first = mergeRequests([], [came(1, 2), came(3)])
    expect(numbers(first)).toEqual([3, 2, 1])
    expect(numbers(mergeRequests(first, [{ event: 'reset', data: {} }, came(1)]))).toEqual([1])
  })

  it('has an end', () => {
    const many = mergeRequests([], [came(...Array.from({ length: maxRequests + 5 }, (_, n) => n))])
    expect(many).toHaveLength(maxRequests)
    expect(many[0]?.number).toBe(maxRequests + 4)
  })
})

describe('words', () => {
  it('say how a request came, from whom, and what was in it', () => {
    const page = request(1, { encoding: 'json', origin: 'http://localhost:3000', bytes: 1_500 })
    expect(howText(page)).toBe('HTTP, JSON')
    expect(senderText({ ...page, service: 'shop' })).toBe('shop · http://localhost:3000')
    expect(contentText({ ...page, acceptedSpans: 2, rejectedSpans: 1 })).toBe(
      '2 of 3 spans, 1.5 kB',
    )
    expect(contentText({ ...page, acceptedSpans: 1, rejectedSpans: 0 })).toBe('1 span, 1.5 kB')
    const call = request(2, { transport: 'grpc', encoding: 'protobuf', compression: 'gzip' })
    expect(howText(call)).toBe('gRPC, protobuf, gzip')
    expect(senderText(call)).toBe('unknown')
  })

  it('say what came over the wire, where it went, and what a page asked for', () => {
    const zipped = request(1, { bytes: 6_566, wireBytes: 969, acceptedSpans: 2 })
    expect(contentText(zipped)).toBe('2 spans, 6.6 kB, 969 bytes as it came')
    expect(contentText({ ...zipped, wireBytes: 6_566 })).toBe('2 spans, 6.6 kB')
    const lost = request(2, { path: '/api/traces', wireBytes: 100 })
    expect(contentText(lost)).toBe('traces to /api/traces, 100 bytes')
    const preflight = request(3, { kind: 'preflight' })
    expect(contentText(preflight)).toBe('preflight: may this page send?')
    const asked = { method: 'POST', headers: ['content-type', 'x-odd'] }
    expect(contentText({ ...preflight, asked })).toBe(
      'preflight: may this page POST with content-type, x-odd?',
    )
  })
})
