import { readSpans } from '@pingtrace/otlp'
import { expect, test } from 'vitest'
import type { SpanFates } from '../flush-report.ts'
import { otlp, ownId, type Told, traceId } from '../trace.test-support.ts'
import { Judge, type Round } from './judge.ts'

const id = (n: string) => n.padStart(16, '0')
const cart: Told = { id: '1', name: '/cart', kind: 2 }
const compute: Told = { id: '2', parent: '1', name: 'compute' }

function judge() {
  const instrumented = new Set(['localhost:20001'])
  const options = { ownIds: new Set([ownId]), instrumented, quietMs: { exact: 0, visible: 100 } }
  return new Judge(options)
}

const fates = (exported: string[], open = 0, dropped = 0): SpanFates => ({
  exported: exported.map(id),
  open,
  dropped,
})

function round(told: Told[] | undefined, by: Record<string, SpanFates | undefined>): Round {
  const reports = Object.entries(by).map(([name, each]) => ({
    name,
    report: each && { traces: { [traceId]: each } },
  }))
  const spans = told && readSpans(otlp(told))
  return { time: 0, traceIds: [traceId], spans, reports, busy: [], untold: undefined }
}

test('exact when two rounds in a row find all that was started, and nothing open', () => {
  const judging = judge()
  const whole = round([cart, compute], { shop: fates(['1', '2']) })
  expect(judging.next(whole)).toMatchObject({ kind: 'waiting' })
  expect(judging.next(whole)).toEqual({ kind: 'exact' })
})

test('not when somebody began between the two questions', () => {
  const judging = judge()
  // Asked first, the stock has nothing yet; asked then, the shop has called it and is done.
  judging.next(round([cart], { stock: fates([]), shop: fates(['1']) }))
  const later = round([cart], { stock: fates([], 1), shop: fates(['1']) })
  expect(judging.next(later)).toMatchObject({ missing: ['1 span of stock not over yet'] })
  const call = { ...compute, service: 'stock' }
  const over = round([cart, call], { stock: fates(['2']), shop: fates(['1']) })
  expect(judging.next(over).kind).toBe('waiting')
  expect(judging.next(over).kind).toBe('exact')
})

test('waits for what was exported and is not there, and names who has exported it', () => {
  const late = round([cart], { shop: fates(['1', '2']) })
  expect(judge().next(late)).toMatchObject({
    kind: 'waiting',
    missing: ['1 span that shop has exported'],
  })
})

test('what was dropped never comes: no use to wait', () => {
  const dropped = round([compute], { shop: fates(['2'], 0, 2) })
  expect(judge().next(dropped)).toEqual({
    kind: 'incomplete',
    missing: ['2 spans that shop has dropped'],
  })
})

test.each([
  ['nobody was asked', {}, 'nobody tells'],
  ['somebody does not answer', { shop: undefined }, 'shop does not tell'],
  ['a service was not listed', { shop: fates(['1']) }, 'stock does not tell'],
])('only as far as visible when %s, and after a quiet time', (_, by, because) => {
  const judging = judge()
  const spans = [cart, { ...compute, service: 'stock' }]
  const at = (time: number) => ({ ...round(spans, by), time })
  expect(judging.next(at(0)).kind).toBe('waiting')
  expect(judging.next(at(99)).kind).toBe('waiting')
  expect(judging.next(at(100))).toEqual({
    kind: 'visible',
    because: expect.stringContaining(because),
  })
})

test('a further span begins the quiet time anew', () => {
  const judging = judge()
  const at = (time: number, told: Told[]) => judging.next({ ...round(told, {}), time }).kind
  expect(at(0, [cart])).toBe('waiting')
  expect(at(90, [cart, compute])).toBe('waiting')
  expect(at(180, [cart, compute])).toBe('waiting')
  expect(at(190, [cart, compute])).toBe('visible')
})

const call = (more: NonNullable<Told['attributes']>): Told => ({
  id: '3',
  parent: '1',
  name: 'call',
  kind: 3,
  attributes: [
    { key: 'server.address', value: { stringValue: '127.0.0.1' } },
    { key: 'server.port', value: { intValue: '20001' } },
    ...more,
  ],
})
const status = { key: 'http.response.status_code', value: { intValue: '200' } }
const grpc = { key: 'rpc.system', value: { stringValue: 'grpc' } }
const rpcStatus = (code: string) => ({
  key: 'rpc.grpc.status_code',
  value: { intValue: code },
})

test.each([
  ['no span', [], 'no span has arrived'],
  ['a parent that is not there', [compute], 'the parent of compute (shop)'],
  [
    'a call that was answered by a service that traces, without its span',
    [cart, call([status])],
    'the SERVER span of localhost:20001 below call (shop)',
  ],
  [
    'a remote procedure that answered, without its span',
    [cart, call([grpc, rpcStatus('0')])],
    'the SERVER span of localhost:20001 below call (shop)',
  ],
])('%s is a gap, told or not', (_, told, missing) => {
  const all = round(told, { shop: fates(told.map((span) => span.id)) })
  const judging = judge()
  expect(judging.next(all)).toMatchObject({ kind: 'waiting', missing: [missing] })
  expect(judging.next({ ...all, time: 10_000 }).kind).toBe('waiting')
})

test.each([
  ['of a call without an answer', []],
  ['of a remote procedure that was unavailable', [grpc, rpcStatus('14')]],
])('%s nobody knows whether it was taken up', (_, attributes) => {
  const judging = judge()
  const all = round([cart, call(attributes)], { shop: fates(['1', '3']) })
  judging.next(all)
  expect(judging.next({ ...all, time: 100 })).toEqual({
    kind: 'visible',
    because: 'nobody tells what happened behind call (shop)',
  })
})

test.each([
  ['a database', [{ key: 'db.system.name', value: { stringValue: 'redis' } }]],
  ['a health check', [status, { key: 'url.path', value: { stringValue: '/healthz' } }]],
])('behind %s nothing is expected', (_, attributes) => {
  const judging = judge()
  const all = round([cart, call(attributes)], { shop: fates(['1', '3']) })
  judging.next(all)
  expect(judging.next(all).kind).toBe('exact')
})

test('waits for the page, and for a collector that is away', () => {
  const judging = judge()
  const whole = round([cart], { shop: fates(['1']) })
  judging.next(whole)
  expect(judging.next({ ...whole, busy: ['the answer to GET /x'] })).toMatchObject({
    missing: ['the answer to GET /x'],
  })
  expect(judging.next({ ...whole, spans: undefined })).toMatchObject({
    missing: ['the collector does not answer'],
  })
  expect(judging.next(whole).kind).toBe('waiting')
  expect(judging.next(whole).kind).toBe('exact')
})
