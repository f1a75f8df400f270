import type { ComparedSpan } from '@pingtrace/trace-views'
import { expect, it } from 'vitest'
import { summary } from '../explorer/summary.test-support.ts'
import { comparisonRows } from './comparison-rows.ts'
import { countsText, differenceText, noiseText } from './comparison-words.ts'

const compared = (id: string, rest: Partial<ComparedSpan> = {}): ComparedSpan => ({
  id,
  before: undefined,
  after: undefined,
  change: 'same',
  difference: 0n,
  selfDifference: 0n,
  failure: undefined,
  depth: 0,
  children: [],
  ...rest,
})
const tree = [
  compared('a', {
    children: [
      compared('b', { children: [compared('c', { change: 'slower' }), compared('d')] }),
      compared('e'),
      compared('f', { failure: 'new' }),
    ],
  }),
  compared('g'),
]
const ids = (rows: ComparedSpan[]) => rows.map(({ id }) => id).join('')

it('lists all of a comparison from the top, or what changed and what leads there', () => {
  expect(ids(comparisonRows(tree, false))).toBe('abcdefg')
  expect(ids(comparisonRows(tree, true))).toBe('abcf')
})

it('says how much of a difference there is, and what speaks against reading much into it', () => {
  expect(differenceText(113_000_000n, 112_000_000n)).toBe('+113 ms (+100 %)')
  expect(differenceText(-60_000_000n, 120_000_000n)).toBe('−60.0 ms (−50 %)')
  expect(differenceText(5n, 0n)).toBe('+5 ns')
  expect(countsText({ same: 3, added: 1, removed: 0, slower: 2, faster: 0 })).toBe(
    '1 added, 2 slower',
  )
  expect(countsText({ same: 3, added: 0, removed: 0, slower: 0, faster: 0 })).toMatch(/^Of 3 spans/)
  const earlier = [5, 1, 4, 2, 3].map((ms) =>
    summary(`${ms}`, 1, { durationNano: `${ms * 1_000_000}` }),
  )
  expect(noiseText(earlier)).toContain(
    'The 5 before it took 1.00 ms to 5.00 ms, half of them at most 3.00 ms',
  )
  expect(noiseText([])).not.toContain('before it')
})
