import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  encodeHeader,
  encodeRecords,
  headerLength,
  readRecord,
  readSegment,
} from './segment-record.ts'

const arrival = 1_700_000_000_123_456_789n

function record(payload: string): Buffer {
  const bytes = Buffer.from(payload)
  return Buffer.concat([encodeHeader(bytes, 'otlp-grpc', arrival), bytes])
}

function payloadsOf(bytes: Buffer) {
  const payloads: string[] = []
  const scan = readSegment(bytes, (_, { payload }) => payloads.push(payload.toString()))
  return { payloads, ...scan }
}

describe('a record', () => {
  it('is read as it was written', () => {
    expect(readRecord(record('hello'), 0)).toEqual({ arrival, payload: Buffer.from('hello') })
  })

  it('is refused when any of its bits is wrong', () => {
    const bytes = record('hello')
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes)
      damaged[bit >> 3]! ^= 1 << (bit & 7)
      expect(readRecord(damaged, 0), `bit ${bit}`).toBeUndefined()
    }
  })

  it('is refused when it is not whole', () => {
    const bytes = record('hello')
    for (let length = 0; length < bytes.length; length++) {
      expect(readRecord(bytes.subarray(0, length), 0)).toBeUndefined()
    }
  })
})

it.each([
  ['few bytes, copied into one piece', [0, 5, 70]],
  ['many bytes, as they came', [70, 64 * 1024, 0]],
])('records are the same as one by one: %s', (_, lengths) => {
  const receiver = 'otlp-http-json'
  const requests = lengths.map(
    (length) => ({ receiver, payload: Buffer.alloc(length, 7) }) as const,
  )
  const expected = Buffer.concat(
    requests.flatMap(({ payload }) => [encodeHeader(payload, receiver, arrival), payload]),
  )
  expect(Buffer.concat(encodeRecords(requests, expected.length, arrival))).toEqual(expected)
})

describe('a segment', () => {
  const whole = Buffer.concat([record('one'), record('two'), record('three')])

  it('gives its records in order', () => {
    expect(payloadsOf(whole)).toEqual({
      payloads: ['one', 'two', 'three'],
      end: whole.length,
      damagedPlaces: 0,
      damagedBytes: 0,
    })
  })

  it('ends at its last whole record when the tail is torn', () => {
    const { payloads, end, damagedPlaces } = payloadsOf(whole.subarray(0, whole.length - 1))
    expect(payloads).toEqual(['one', 'two'])
    expect(end).toBe(2 * (headerLength + 3))
    expect(damagedPlaces).toBe(0)
  })

  it('skips from a flipped byte to the next whole record, and counts what it skipped', () => {
    const damaged = Buffer.from(whole)
    damaged[headerLength + 3 + 9]! ^= 1
    expect(payloadsOf(damaged)).toEqual({
      payloads: ['one', 'three'],
      end: whole.length,
      damagedPlaces: 1,
      damagedBytes: headerLength + 3,
    })
  })

  it('takes a payload that looks like records for what it is', () => {
    const nested = record(whole.toString('latin1'))
    expect(payloadsOf(nested).payloads).toEqual([whole.toString('latin1')])
  })

  it('never loses a record that the damage did not touch', () => {
    const payloads = fc.array(fc.string(), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(payloads, fc.nat(), fc.integer({ min: 1, max: 255 }), (texts, where, flip) => {
        const records = texts.map(record)
        const bytes = Buffer.concat(records)
        const at = where % bytes.length
        bytes[at]! ^= flip
        let offset = 0
        const untouched = texts.filter((_, i) => {
          const start = offset
          offset += records[i]!.length
          return at < start || at >= offset
        })
        expect(payloadsOf(bytes).payloads).toEqual(untouched)
      }),
    )
  })
})
