import { expect, it } from 'vitest'
import { flagsText, parentPlace } from './trace-flags.ts'

it.each([
  [0x000, '00: not sampled; its sender does not say whether its id is random', undefined],
  [0x101, '01: sampled; its sender does not say whether its id is random', 'in the same process'],
  [0x303, '03: sampled; random trace id', 'in another process'],
  [0x2fc, 'fc: not sampled; its sender does not say whether its id is random', undefined],
])('puts %i into words', (flags, text, place) => {
  expect(flagsText(flags)).toBe(text)
  expect(parentPlace(flags)).toBe(place)
})
