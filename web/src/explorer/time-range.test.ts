import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromInput, toInput } from './range-input.ts'
import { boundsOf, parseRange, writeRange } from './time-range.ts'

const millis = fc.integer({ min: 0, max: Date.UTC(9999, 0) })
const end = fc.option(millis, { nil: undefined })

it('stands in an address and is read from it again', () => {
  fc.assert(
    fc.property(end, end, (from, to) => {
      const parameters = new URLSearchParams('last=1h&q=x')
      writeRange(parameters, { from, to })
      const none = from === undefined && to === undefined
      expect(parseRange(parameters)).toEqual(none ? undefined : { from, to })
      expect(parameters.get('q')).toBe('x')
    }),
  )
})

it('asks the collector from a while ago on, or between two times', () => {
  const now = Date.UTC(2026, 10, 26, 12)
  expect(boundsOf(undefined, now)).toEqual({})
  expect(boundsOf({ last: '24h' }, now)).toEqual({ start: '2026-11-25T12:00:00.000Z' })
  expect(boundsOf({ from: undefined, to: now }, now)).toEqual({ end: '2026-11-26T12:00:00.000Z' })
})

it('is put in by people in their own zone or in UTC', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4e9 }), fc.boolean(), (seconds, utc) => {
      // In the hour that a clock is set back a local time means two moments.
      fc.pre(utc || new Date().getTimezoneOffset() === 0)
      expect(fromInput(toInput(seconds * 1_000, utc), utc)).toBe(seconds * 1_000)
    }),
  )
  expect(toInput(undefined, true)).toBe('')
  expect(fromInput('', true)).toBeUndefined()
  expect(fromInput('2026-11-26T12:00', true)).toBe(Date.UTC(2026, 10, 26, 12))
})
