import type { Completeness, NetworkGap, ProcessClock, TraceClocks } from '@pingtrace/trace-facts'
import { ms } from '@pingtrace/trace-facts'
import { describe, expect, it } from 'vitest'
import { betweenText, phaseTotals, unknownText } from './call-words.ts'
import { clockBadge, clockExplanation, shownTimesText } from './clock-words.ts'
import { completenessText, type TraceSource } from './completeness-words.ts'

describe('completenessText', () => {
  const all: Completeness = {
    state: 'complete',
    missingParents: 0,
    missingServers: 0,
    unseenServers: 0,
  }

  it.each<[Partial<Completeness>, TraceSource, RegExp]>([
    [{}, 'live', /^Complete as far as can be seen: .*by themselves\.$/],
    [{ unseenServers: 2 }, 'live', /2 calls went where no spans came from\.$/],
    [{ state: 'waiting', missingParents: 1 }, 'live', /^Waiting for 1 parent…$/],
    [
      { state: 'waiting', missingParents: 2, missingServers: 1 },
      'live',
      /^Waiting for 2 parents and 1 server span…$/,
    ],
    [{ state: 'incomplete', missingParents: 1 }, 'live', /^Incomplete: 1 parent is missing,/],
    [
      { state: 'incomplete', missingServers: 2 },
      'live',
      /^Incomplete: 2 server spans are missing,/,
    ],
    [
      { state: 'waiting', missingParents: 1 },
      'away',
      /^As far as it had arrived: 1 parent had not/,
    ],
    [{}, 'away', /^As far as it had arrived\.$/],
    [{}, 'file', /every parent is in the file\.$/],
    [{ state: 'incomplete', missingParents: 1 }, 'file', /1 parent is missing\.$/],
  ])('of %o, from %s', (some, source, text) => {
    expect(completenessText({ ...all, ...some }, source)).toMatch(text)
  })
})

describe('the words of clocks', () => {
  const clock: ProcessClock = {
    process: 'web',
    service: 'web',
    isBrowser: true,
    state: 'skewed',
    offset: ms(-8 * 3_600_000),
    error: ms(4),
  }
  const clocks: TraceClocks = {
    reference: { ...clock, service: 'api', state: 'reference' },
    clocks: [clock],
    skewed: [clock],
  }

  it('give the offset with its error', () => {
    expect(clockBadge(clock)).toBe('browser clock (web) −8 h 0 min ± 4.00 ms')
    expect(clockBadge({ ...clock, isBrowser: false, offset: ms(3_200) })).toBe(
      'web clock +3.20 s ± 4.00 ms',
    )
    expect(clockBadge({ ...clock, error: undefined })).toContain('or further off')
    expect(clockExplanation(clock, clocks)).toContain('web is behind that of api')
  })

  it('always say which times are shown, where there is a choice', () => {
    expect(shownTimesText(false, clocks)).toBe('Times as they were sent')
    expect(shownTimesText(true, clocks)).toBe('Times adjusted to one clock')
    expect(shownTimesText(true, { ...clocks, skewed: [] })).toBe('')
    const unsteady = { ...clocks, clocks: [{ ...clock, state: 'unsteady' as const }], skewed: [] }
    expect(shownTimesText(false, unsteady)).toContain('contradict')
  })
})

describe('the words of calls', () => {
  const gap: NetworkGap = {
    segments: [
      { phase: 'unknown', start: 0n, end: 5n },
      { phase: 'server', start: 5n, end: 9n },
      { phase: 'unknown', start: 9n, end: 12n },
    ],
    between: 8n,
    isServerElsewhere: false,
    reason: undefined,
  }

  it('sum up what a phase took', () => {
    expect(phaseTotals(gap)).toEqual([
      ['unknown', 8n],
      ['server', 4n],
    ])
  })

  it('say what is unknown, and why', () => {
    expect(unknownText(gap)).toContain('the caller does not tell')
    expect(unknownText({ ...gap, reason: 'hidden' })).toBe('Unknown: hidden.')
    expect(unknownText({ ...gap, isServerElsewhere: true })).toContain('By these clocks')
    expect(unknownText({ ...gap, segments: [] })).toBeUndefined()
    expect(betweenText(gap)).toContain('8 ns')
    expect(betweenText({ ...gap, between: -8n })).toContain('8 ns longer')
    expect(betweenText({ ...gap, between: undefined })).toBeUndefined()
  })
})
