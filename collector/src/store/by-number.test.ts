import { expect, it } from 'vitest'
import { ByNumber } from './by-number.ts'
import { LiveIndex } from './live-index.ts'

it('finds once what a number stands for in an index, and forgets it before there are too many', () => {
  const [one, other] = [new LiveIndex(1), new LiveIndex(2)]
  const found: string[] = []
  const known = new ByNumber((index, number) => {
    found.push(`${index.segment}:${number}`)
    return number === 7 ? undefined : `text ${number}`
  }, 3)
  for (let times = 0; times < 2; times++) {
    expect(known.of(one, 7)).toBeUndefined()
    expect(known.of(one, 8)).toBe('text 8')
    expect(known.of(other, 8)).toBe('text 8')
  }
  expect(found).toEqual(['1:7', '1:8', '2:8'])
  known.of(one, 9)
  known.of(one, 9)
  expect(known.of(one, 8)).toBe('text 8')
  expect(found.slice(3)).toEqual(['1:9', '1:8'])
})
