import type { OperationsResult, ServiceMapResult } from '@pingtrace/otlp'
import { compileQuery } from '@pingtrace/traceql'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { request, span, spanIdOf, temporaryFolder, traceIdOf } from '../testing.ts'
import { defaultRetention } from './retention.ts'
import { TraceStore } from './trace-store.ts'

const second = 1_000_000_000n
const began = 1_700_000_000n * second

/** Each its own id; the parent may be any span of its trace, itself, or none that is stored. */
const anySpan = fc.record({
  trace: fc.integer({ min: 1, max: 4 }),
  service: fc.constantFrom('web', 'api', 'stock'),
  name: fc.constantFrom('a', 'b'),
  kind: fc.constantFrom(1, 2, 3),
  error: fc.boolean(),
  parent: fc.integer({ min: 0, max: 12 }),
  /** Seconds after `began`, and how many it took. */
  start: fc.integer({ min: 0, max: 200 }),
  took: fc.integer({ min: 0, max: 9 }),
})
type AnySpan = (typeof anySpan extends fc.Arbitrary<infer T> ? Omit<T, 'service'> : never) & {
  service: string
}
const spans = fc.array(anySpan, { maxLength: 12 })

async function storeOf(all: AnySpan[]): Promise<TraceStore> {
  // Small segments, so that traces have parts in several.
  const limits = { bytes: 400, age: defaultRetention.age, sealFrom: 1 }
  const store = new TraceStore(temporaryFolder(), defaultRetention, { limits })
  for (const [i, each] of all.entries()) {
    const start = began + BigInt(each.start) * second
    const payload = request(
      each.service,
      span(traceIdOf(each.trace), spanIdOf(i + 1), {
        ...(each.parent === 0 ? {} : { parentSpanId: spanIdOf(each.parent) }),
        name: each.name,
        kind: each.kind,
        startTimeUnixNano: String(start),
        endTimeUnixNano: String(start + BigInt(each.took) * second),
        status: { code: each.error ? 2 : 0 },
      }),
    )
    await store.consumeTraces({ receiver: 'otlp-grpc', payload })
  }
  return store
}

const key = (...parts: unknown[]) => parts.join(' ')
const kinds = ['', 'internal', 'server', 'client']

function groupsOf(chosen: AnySpan[]) {
  const groups = new Map<string, AnySpan[]>()
  for (const each of chosen) {
    const name = key(each.service, each.name, kinds[each.kind])
    groups.set(name, [...(groups.get(name) ?? []), each])
  }
  return groups
}

const never = () => false
const close = (nanos: number, seconds: number) =>
  expect(Math.abs(nanos - seconds * 1e9)).toBeLessThanOrEqual(seconds * 1e7)

function expectGroups({ operations, spanCount, time }: OperationsResult, chosen: AnySpan[]) {
  const groups = groupsOf(chosen)
  expect(spanCount).toBe(chosen.length)
  expect(operations.map((each) => key(each.service, each.name, each.kind)).sort()).toEqual(
    [...groups.keys()].sort(),
  )
  for (const each of operations) {
    const own = groups.get(key(each.service, each.name, each.kind))!
    const took = own.map((one) => one.took).sort((a, b) => a - b)
    expect(each).toMatchObject({
      count: own.length,
      errorCount: own.filter(({ error }) => error).length,
    })
    close(each.p50Nano, took[Math.ceil(took.length / 2) - 1]!)
    close(each.p99Nano, took.at(-1)!)
    // Nothing is lost over time: every span is in the step of its start.
    const steps = new Map<number, number>()
    for (const { start } of own) {
      const at = Math.floor((1_700_000_000_000 + start * 1_000) / time.stepMs) * time.stepMs
      steps.set(at, (steps.get(at) ?? 0) + 1)
    }
    expect(new Map(each.steps.map(({ at, count }) => [at, count]))).toEqual(steps)
  }
}

it('groups what is stored, what started in a time, and what a query selects, like a plain list', async () => {
  await fc.assert(
    fc.asyncProperty(spans, fc.nat(200), async (all, from) => {
      const store = await storeOf(all)
      const ask = { matcher: undefined, start: undefined, end: undefined }
      expectGroups(await store.groupOperations(ask, never), all)
      const matcher = compileQuery('{ status = error }')
      const failed = all.filter(({ error }) => error)
      expectGroups(await store.groupOperations({ ...ask, matcher }, never), failed)
      const start = began + BigInt(from) * second
      const { spanCount } = await store.groupOperations({ ...ask, start }, never)
      expect(spanCount).toBe(all.filter((each) => each.start >= from).length)
      store.close()
    }),
    // Each run opens a store on a real folder.
    { numRuns: 30 },
  )
})

function mapOf(all: AnySpan[]) {
  const entered = new Map<string, number>()
  const called = new Map<string, number>()
  const count = (counts: Map<string, number>, name: string) =>
    counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const each of all) {
    const candidate = all[each.parent - 1]
    const parent = candidate?.trace === each.trace ? candidate : undefined
    if (parent?.service === each.service && each.kind !== 2) continue
    if (each.service === 'left out') continue
    count(entered, `service:${each.service}`)
    if (parent !== undefined) count(called, `service:${parent.service} service:${each.service}`)
  }
  return { entered, called }
}

it('maps who calls whom like a plain list, whatever the parents are', async () => {
  await fc.assert(
    fc.asyncProperty(spans, async (all) => {
      const store = await storeOf(all)
      const ask = { matcher: undefined, start: undefined, end: undefined }
      const check = ({ nodes, edges, examined }: ServiceMapResult, chosen: AnySpan[]) => {
        const { entered, called } = mapOf(chosen)
        expect(examined).toBe(new Set(all.map(({ trace }) => trace)).size)
        const counts = nodes.map(({ id, count }) => [id, count] as const)
        expect(new Map(counts.filter(([, count]) => count > 0))).toEqual(entered)
        expect(new Map(edges.map(({ from, to, count }) => [key(from, to), count]))).toEqual(called)
      }
      check(await store.mapServices(ask, never), all)
      const matcher = compileQuery('{ status = error }')
      const failed = new Set(all.filter(({ error }) => error).map(({ trace }) => trace))
      // Ids are places in the list: the others stay in it, where they are nobody's.
      const matching = all.map((each) =>
        failed.has(each.trace) ? each : { ...each, trace: 0, service: 'left out' },
      )
      check(await store.mapServices({ ...ask, matcher }, never), matching)
      store.close()
    }),
    { numRuns: 30 },
  )
})
