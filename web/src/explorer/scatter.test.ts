import { describe, expect, it } from 'vitest'
import { scatter } from './scatter.ts'
import { summary } from './summary.test-support.ts'

const ms = 1_000_000
const now = 1_700_000_000_000

/** A trace that began so many milliseconds after `now` and took so many. */
function trace(id: string, after: number, took: number) {
  return summary(id, now + 10_000, {
    startTimeUnixNano: `${now + after}000000`,
    durationNano: `${took * ms}`,
  })
}

describe('scatter', () => {
  it('places traces by start and by the logarithm of their duration', () => {
    const { dots, lines, from, to } = scatter([
      trace('c', 1_000, 10),
      trace('a', 0, 1),
      trace('b', 500, 100),
    ])
    expect(dots.map(({ trace, left, bottom }) => [trace.traceId, left, bottom])).toEqual([
      ['a', 0, 0],
      ['b', 50, 100],
      ['c', 100, 50],
    ])
    expect([from, to]).toEqual([now, now + 1_000])
    expect(lines).toEqual([
      { nanos: 1_000_000n, bottom: 0 },
      { nanos: 10_000_000n, bottom: 50 },
      { nanos: 100_000_000n, bottom: 100 },
    ])
  })

  it('draws few lines, however much durations differ', () => {
    const { lines } = scatter([trace('a', 0, 0), trace('b', 0, 100_000_000)])
    expect(lines.length).toBeLessThanOrEqual(6)
  })

  it('puts a single trace, and those that began together, in the middle', () => {
    expect(scatter([trace('a', 0, 5)]).dots[0]?.left).toBe(50)
  })

  it.each(['0', '18446744073709551615'])(
    'places a trace that began at %s where it arrived',
    (startTimeUnixNano) => {
      const odd = { ...trace('odd', 0, 1), startTimeUnixNano }
      const { dots, from, to } = scatter([odd, trace('a', 0, 1)])
      expect([from, to]).toEqual([now, now + 10_000])
      expect(dots.map((dot) => dot.left)).toEqual([0, 100])
    },
  )

  it('takes durations that no clock can have, and no traces at all', () => {
    for (const durationNano of ['-5', '0', '18446744073709551615']) {
      const [dot] = scatter([{ ...trace('a', 0, 1), durationNano }]).dots
      expect(dot!.bottom).toBeGreaterThanOrEqual(0)
      expect(dot!.bottom).toBeLessThanOrEqual(100)
    }
    expect(scatter([])).toMatchObject({ dots: [], lines: [] })
  })
})
