import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Turns } from './turns.ts'

it('runs so many at a time, the others in order, whatever becomes of each', async () => {
  const turns = new Turns(2)
  const begun: number[] = []
  const ends: Record<number, { resolve(): void; reject(error: Error): void }> = {}
  const run = (n: number) =>
    turns.take(async () => {
      begun.push(n)
      await new Promise<void>((resolve, reject) => {
        ends[n] = { resolve, reject }
      })
      return n
    })
  const [first, second, third, fourth] = [1, 2, 3, 4].map(run)
  await nextTurn()
  expect(begun).toEqual([1, 2])
  ends[2]!.reject(new Error('no'))
  await expect(second).rejects.toThrow('no')
  await nextTurn()
  expect(begun).toEqual([1, 2, 3])
  ends[1]!.resolve()
  expect(await first).toBe(1)
  await nextTurn()
  expect(begun).toEqual([1, 2, 3, 4])
  ends[3]!.resolve()
  ends[4]!.resolve()
  expect(await Promise.all([third, fourth])).toEqual([3, 4])
  const fifth = run(5)
  expect(begun).toContain(5)
  ends[5]!.resolve()
  expect(await fifth).toBe(5)
})
