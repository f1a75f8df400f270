import { expect, it } from 'vitest'
import { Turns } from './turns.ts'

it('lets so many go on, and the others in their order, whatever became of those before', async () => {
  const turns = new Turns(2)
  const begun: number[] = []
  const ends: (() => void)[] = []
  const act = (number: number) =>
    turns.take(async () => {
      begun.push(number)
      await new Promise<void>((resolve) => ends.push(resolve))
      if (number === 0) throw new Error('no')
    })
  const [first, ...others] = [0, 1, 2, 3].map(act)
  expect(begun).toEqual([0, 1])
  ends[0]?.()
  await expect(first).rejects.toThrow('no')
  await expect.poll(() => begun).toEqual([0, 1, 2])
  ends[1]?.()
  await expect.poll(() => begun).toEqual([0, 1, 2, 3])
  for (const end of ends) end()
  await Promise.all(others)
})
