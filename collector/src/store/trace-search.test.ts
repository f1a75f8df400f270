import { setImmediate as nextTurn } from 'node:timers/promises'
import type { OtlpSpan } from '@pingtrace/otlp'
import { beforeEach, describe, expect, it } from 'vitest'
import { TracesScan } from '../otlp/scan.ts'
import { request, span, spanIdOf, traceIdOf } from '../testing.ts'
import { ResentSpans } from './resent-spans.ts'
import { TraceIndex } from './trace-index.ts'
import { searchLimits, type TraceQuery } from './trace-query.ts'
import { findTraceIds } from './trace-search.ts'

const everything: TraceQuery = {
  service: undefined,
  operation: undefined,
  startMin: 0n,
  startMax: 2n ** 63n,
  durationMin: undefined,
  durationMax: undefined,
  attributes: new Map(),
  limit: 1_000,
}

/** The payloads of the records, and which of them were read. */
let payloads: Uint8Array[]
let read: number[]
let index: TraceIndex

beforeEach(() => {
  payloads = []
  read = []
  index = new TraceIndex(new ResentSpans((record) => payloads[record]))
})

function add(segment: number, trace: number, fields: OtlpSpan = {}, service = 'web') {
  const scan = new TracesScan()
  const payload = request(service, span(traceIdOf(trace), spanIdOf(payloads.length + 1), fields))
  scan.scan(payload)
  index.add(segment, payloads.push(payload) - 1, payload, scan)
}

async function find(query: Partial<TraceQuery>, limits = searchLimits): Promise<number[]> {
  const readPayload = (record: number) => {
    read.push(record)
    return payloads[record]
  }
  const wanted = { ...everything, ...query }
  const ids = await findTraceIds(index.segments, readPayload, wanted, limits)
  return ids.map((id) => Number(`0x${id.toString('hex')}`))
}

const x = { attributes: [{ key: 'x', value: { stringValue: '1' } }] }
const byX = { attributes: new Map([['x', '1']]) }

describe('a search', () => {
  it('finds a trace once, however many of its spans fit and segments they are in', async () => {
    add(1, 1)
    add(1, 2)
    add(2, 1)
    add(2, 1)
    add(3, 3)
    expect(await find({})).toEqual([3, 1, 2])
    expect(await find({ limit: 2 })).toEqual([3, 1])
    expect(await find({ service: 'nobody' })).toEqual([])
  })

  it('reads no bytes unless attributes are asked for, and then only of what fits otherwise', async () => {
    for (let n = 1; n <= 4; n++) add(1, n, { name: `operation ${n % 2}` }, `service ${n % 3}`)
    // In the same block as the others: that one has to be read.
    add(1, 5, x, 'other')
    const query = { service: 'service 1', operation: 'operation 1', durationMin: 5, startMin: 7n }
    expect(await find(query)).toEqual([1])
    expect(await find({ attributes: new Map([['span.kind', 'internal']]) })).toHaveLength(5)
    expect(read).toEqual([])
    expect(await find({ ...query, ...byX })).toEqual([])
    expect(read).toEqual([0])
  })

  it('reads nothing where no span of a block has the attribute', async () => {
    for (let n = 1; n <= 4; n++) add(1, n)
    expect(await find(byX)).toEqual([])
    expect(read).toEqual([])
  })

  it('reads a record once for all of its spans, and takes one that is gone for no match', async () => {
    add(1, 1, x)
    add(1, 2, x)
    payloads[1] = undefined as never
    expect(await find(byX)).toEqual([1])
    expect(read).toEqual([1, 0])
  })

  it('fails when it would have to read more than is allowed, since its answer would be wrong', async () => {
    for (let n = 1; n <= 10; n++) add(1, n)
    add(1, 12, x, 'other')
    const size = payloads[0]!.length
    const limits = { ...searchLimits, readBytes: 10 * size }
    const query = { ...byX, service: 'web' }
    expect(await find(query, limits)).toEqual([])
    await expect(find(query, { ...limits, readBytes: 10 * size - 1 })).rejects.toMatchObject({
      name: 'SearchTooLargeError',
    })
    // What is found before that is right.
    add(1, 11, x)
    expect(await find({ ...query, limit: 1 }, { ...limits, readBytes: 2 * size })).toEqual([11])
  })

  it('lets others have their turn, and minds nothing that arrives or goes meanwhile', async () => {
    for (let n = 1; n <= 2_000; n++) add(n <= 1_000 ? 1 : 2, n)
    const found = find({ limit: 5_000 }, { ...searchLimits, turn: -1 })
    let ended = false
    const end = found.then(() => {
      ended = true
    })
    await nextTurn()
    expect(ended).toBe(false)
    for (let n = 3_000; n < 3_100; n++) add(2, n)
    index.forget(1)
    await end
    const numbers = await found
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers.slice(0, 1_000)).toEqual(Array.from({ length: 1_000 }, (_, i) => 2_000 - i))
  })
})
