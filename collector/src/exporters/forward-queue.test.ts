import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ForwardQueue } from './forward-queue.ts'

const bytes = (length: number, value = 1) => new Uint8Array(length).fill(value)

it('merges up to a size, and lets one request that is larger go alone', () => {
  const queue = new ForwardQueue(1_000_000)
  for (const length of [400, 600, 1, 5_000, 10]) queue.put(bytes(length), 1)
  const sizes: number[] = []
  while (!queue.isEmpty) {
    sizes.push(queue.take(1_000)!.body.length)
    queue.settle()
  }
  expect(sizes).toEqual([1_000, 1, 5_000, 10])
  expect(queue).toMatchObject({ spans: 0, bytes: 0 })
})

it('counts a batch that is out as waiting until it is settled', () => {
  const queue = new ForwardQueue(1_000_000)
  queue.put(bytes(100), 2)
  const before = queue.bytes
  queue.take(1_000)
  expect(queue).toMatchObject({ isEmpty: true, spans: 2, bytes: before })
  queue.settle()
  expect(queue).toMatchObject({ spans: 0, bytes: 0 })
})

it('refuses what is larger than all of it, and stays usable', () => {
  const queue = new ForwardQueue(1_000)
  expect(queue.put(bytes(2_000), 7)).toBe(7)
  expect(queue.put(bytes(10), 1)).toBe(0)
  expect(queue.spans).toBe(1)
})

it('keeps the newest in order, in bounded memory, whatever is done to it', () => {
  const limit = 4_000
  const put = fc.record({
    do: fc.constant('put' as const),
    length: fc.integer({ max: 900, min: 1 }),
  })
  const other = fc.record({
    do: fc.constantFrom('take', 'settle', 'putBack'),
    length: fc.constant(0),
  })
  fc.assert(
    fc.property(fc.array(fc.oneof(put, other), { maxLength: 200 }), (steps) => {
      const queue = new ForwardQueue(limit)
      const sent: number[] = []
      let out: Uint8Array | undefined
      let given = 0
      let dropped = 0
      for (const step of steps) {
        if (step.do === 'put') dropped += queue.put(bytes(step.length, given++), 1)
        else if (step.do === 'take') out ??= queue.take(1_000)?.body
        else if (out !== undefined) {
          if (step.do === 'putBack') dropped += queue.putBack()
          else {
            queue.settle()
            sent.push(...out)
          }
          out = undefined
        }
        expect(queue.bytes).toBeLessThanOrEqual(limit)
      }
      if (out !== undefined) dropped += queue.putBack()
      const left = queue.spans
      for (let batch = queue.take(limit); batch; batch = queue.take(limit)) {
        sent.push(...batch.body)
        queue.settle()
      }
      // Each request is a run of its own number: what went out is in order, and nothing is unaccounted.
      const runs = sent.filter((value, i) => value !== sent[i - 1])
      const rises = runs.every((value, i) => i === 0 || value > runs[i - 1]!)
      expect(rises).toBe(true)
      expect(runs.length + dropped).toBe(given)
      expect(left).toBeLessThanOrEqual(given - dropped)
    }),
  )
})
