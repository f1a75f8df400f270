import { expect, it } from 'vitest'
import { GroupCommit } from './group-commit.ts'

const mebibyte = 1024 * 1024

/** Items are their own size in bytes. */
function groups(write: (items: number[]) => void = () => undefined) {
  const written: number[][] = []
  const commits = new GroupCommit<number>(
    (size) => size,
    (items) => {
      written.push(items)
      write(items)
      return undefined
    },
  )
  return { commits, written }
}

it('writes what comes in one turn together, in order, and the next turn apart', async () => {
  const { commits, written } = groups()
  await Promise.all([commits.add(1), commits.add(2), commits.add(3)])
  await commits.add(4)
  expect(written).toEqual([[1, 2, 3], [4]])
})

it('resolves only when the item is written', async () => {
  const { commits, written } = groups()
  const added = commits.add(1)
  expect(written).toEqual([])
  await added
  expect(written).toEqual([[1]])
})

it('caps the bytes of a write, but takes an item of any size', async () => {
  const { commits, written } = groups()
  const sizes = [3, 4, 5, 20, 1].map((n) => n * mebibyte)
  await Promise.all(sizes.map((size) => commits.add(size)))
  expect(written.map((group) => group.map((size) => size / mebibyte))).toEqual([
    [3, 4],
    [5],
    [20],
    [1],
  ])
})

it('fails all of a group together, and goes on with the next', async () => {
  let isFull = true
  const { commits } = groups(() => {
    if (isFull) throw new Error('full')
  })
  const results = await Promise.allSettled([commits.add(1), commits.add(2)])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  isFull = false
  await expect(commits.add(3)).resolves.toBeUndefined()
})
