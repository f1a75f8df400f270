import { join } from 'node:path'
import { readSpans } from '@pingtrace/otlp'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { decodeTraces } from '../otlp/decode.ts'
import { defaultRetention, type Retention } from '../store/retention.ts'
import { TraceStore } from '../store/trace-store.ts'
import { request, span, spanIdOf, temporaryFolder, traceIdOf } from '../testing.ts'
import { CursorFile } from './cursor-file.ts'
import { type BatchLimit, ForwardQueue, type QueueLimit } from './forward-queue.ts'
import { recordLog } from './otlp-target.test-support.ts'

const noLimit: BatchLimit = { bytes: 1_000_000, spans: 1_000_000 }

/** A store and the queue of one target, both on disk. */
class Rig {
  readonly #folder = temporaryFolder()
  readonly #retention: Retention
  readonly #limit: QueueLimit
  store!: TraceStore
  queue!: ForwardQueue
  /** What `put` and its like answered, together. */
  dropped = 0
  #sent = 0

  constructor(limit: QueueLimit = {}, retention = defaultRetention) {
    this.#retention = retention
    this.#limit = limit
    this.open()
    onTestFinished(() => this.store.close())
  }

  /** As a start does; what was open before has not been closed, as after a kill. */
  open(): void {
    this.store = new TraceStore(this.#folder, this.#retention)
    const file = new CursorFile(join(this.#folder, 'target.cursor'))
    this.queue = new ForwardQueue(this.store, file, this.#limit)
  }

  close(): void {
    this.queue.note()
    this.store.close()
  }

  /** Stores a request of some spans, whose names are its number. */
  async put(spans = 1, padding = 0, skip = false): Promise<string> {
    const name = String(++this.#sent)
    const attributes = [{ key: 'padding', value: { stringValue: 'x'.repeat(padding) } }]
    const all = Array.from({ length: spans }, (_, n) =>
      span(traceIdOf(this.#sent), spanIdOf(n + 1), { name, attributes }),
    )
    const payload = request('shop', ...all)
    await this.store.consumeTraces({ receiver: 'otlp-grpc', payload })
    this.dropped += this.queue.put(spans, skip)
    return name
  }

  /** The names in the next batch. */
  take(limit = noLimit): string[] | undefined {
    this.dropped += this.queue.trim()
    const batch = this.queue.take(limit)
    if (batch === undefined) return undefined
    const names = readSpans(decodeTraces(batch.body)).map(({ name }) => name)
    expect(batch.spans).toBe(names.length)
    return names
  }

  takeAll(limit = noLimit): string[][] {
    const batches: string[][] = []
    for (let names = this.take(limit); names !== undefined; names = this.take(limit)) {
      batches.push(names)
      this.dropped += this.queue.settle()
    }
    return batches
  }
}

it('merges up to a size, and lets one request that is larger go alone', async () => {
  const rig = new Rig()
  for (const padding of [400, 600, 1, 5_000, 10]) await rig.put(1, padding)
  expect(rig.takeAll({ bytes: 1_300, spans: 100 })).toEqual([['1', '2'], ['3'], ['4'], ['5']])
  expect(rig.queue).toMatchObject({ spans: 0, requests: 0, isEmpty: true })
})

it('merges up to a number of spans, and takes no request apart', async () => {
  const rig = new Rig()
  for (const spans of [1, 1, 3, 1]) await rig.put(spans)
  expect(rig.takeAll({ ...noLimit, spans: 2 })).toEqual([['1', '2'], ['3', '3', '3'], ['4']])
})

it('counts a batch that is out as waiting until it is settled, and gives it again', async () => {
  const rig = new Rig()
  await rig.put(2)
  expect(rig.take()).toEqual(['1', '1'])
  expect(rig.queue).toMatchObject({ spans: 2, requests: 1 })
  rig.queue.putBack()
  expect(rig.takeAll()).toEqual([['1', '1']])
  expect(rig.queue).toMatchObject({ spans: 0, requests: 0 })
})

it('leaves out what must not be sent', async () => {
  const rig = new Rig()
  await rig.put()
  await rig.put(1, 0, true)
  await rig.put()
  expect(rig.takeAll()).toEqual([['1', '3']])
})

it('goes on after a restart with what waited, and counts it', async () => {
  const rig = new Rig()
  for (let n = 0; n < 3; n++) await rig.put(2)
  expect(rig.take({ ...noLimit, spans: 2 })).toEqual(['1', '1'])
  rig.queue.settle()
  rig.close()
  rig.open()
  expect(rig.queue).toMatchObject({ spans: 4, requests: 2 })
  await rig.put()
  expect(rig.takeAll()).toEqual([['2', '2', '3', '3', '4']])
})

it('starts a new target with what arrives from now on', async () => {
  const rig = new Rig()
  await rig.put()
  const other = new ForwardQueue(rig.store)
  expect(other.isEmpty).toBe(true)
  await rig.put()
  other.put(1)
  expect(readSpans(decodeTraces(other.take(noLimit)!.body)).map(({ name }) => name)).toEqual(['2'])
})

it.each([{ requests: 2 }, { spans: 2 }])('drops the oldest past %j, and counts', async (limit) => {
  const rig = new Rig(limit)
  for (let n = 0; n < 5; n++) await rig.put()
  expect(rig.dropped).toBe(3)
  expect(rig.takeAll()).toEqual([['4', '5']])
})

it('takes room for a batch that is out, and drops nothing of it', async () => {
  const rig = new Rig({ requests: 2 })
  await rig.put()
  expect(rig.take()).toEqual(['1'])
  await rig.put()
  await rig.put()
  expect(rig.dropped).toBe(0)
  rig.dropped += rig.queue.settle()
  expect(rig.dropped).toBe(0)
  expect(rig.takeAll()).toEqual([['2', '3']])
})

it('counts what retention took before it was sent, and goes on with the oldest left', async () => {
  recordLog()
  // Segments of an eighth: 1,000 bytes, a request or two each.
  const rig = new Rig({}, { ...defaultRetention, bytes: 8_000 })
  for (let n = 0; n < 40; n++) await rig.put(2, 200)
  const sent = rig.takeAll().flat()
  expect(rig.dropped).toBeGreaterThan(0)
  expect(sent.length + rig.dropped).toBe(80)
  expect(sent.at(-1)).toBe('40')
})

it('says so where retention was faster than a restart, and goes on with the oldest', async () => {
  const lines = recordLog()
  const rig = new Rig({}, { ...defaultRetention, bytes: 8_000 })
  await rig.put()
  const first = rig.store.positionOf(rig.store.start)
  const path = join(temporaryFolder(), 'target.cursor')
  new CursorFile(path).write(first)
  for (let n = 0; n < 40; n++) await rig.put(1, 400)
  const behind = new ForwardQueue(rig.store, new CursorFile(path))
  expect(behind.requests).toBe(rig.store.end - rig.store.start)
  expect(lines).toEqual([expect.stringContaining('going on with the oldest')])
})

it('sends all in order and at least once, whatever happens, kills included', async () => {
  const action = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('put' as const), n: fc.integer({ min: 1, max: 3 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('send' as const), n: fc.integer({ min: 1, max: 6 }) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const), n: fc.constant(1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), n: fc.constant(0) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('kill' as const), n: fc.nat({ max: 1 }) }),
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
      const rig = new Rig()
      const put: string[] = []
      const sent: string[] = []
      for (const { do: what, n } of actions) {
        if (what === 'put') put.push(await rig.put(n))
        else if (what === 'send') {
          sent.push(...(rig.take({ ...noLimit, spans: n }) ?? []))
          rig.queue.settle()
        } else if (what === 'fail') {
          rig.take()
          rig.queue.putBack()
        } else {
          if (what === 'restart') rig.close()
          // What was noted last may be old, or just now.
          else if (n > 0) rig.queue.note()
          rig.open()
        }
      }
      sent.push(...rig.takeAll().flat())
      expect(new Set(sent)).toEqual(new Set(put))
      const firsts = [...new Set(sent)]
      expect(firsts).toEqual(put)
      expect(rig.queue.spans).toBe(0)
      rig.close()
    }),
    { numRuns: 60 },
  )
})
