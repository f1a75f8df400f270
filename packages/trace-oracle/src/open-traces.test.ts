import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { SpanFates } from './flush-report.ts'
import { otlp } from './trace.test-support.ts'
import { openTraces, type Traces } from './vitest.ts'

let traces: Traces
beforeAll(async () => {
  traces = await openTraces()
})
afterAll(() => traces.close())

/** A service that continues traces, in ten lines; its hook tells what it says in `fates`. */
async function serve(fates?: Partial<SpanFates>) {
  const seen: string[] = []
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    if (pathname === '/flush') {
      const all = seen.map((id) => [id, { exported: [], dropped: 0, open: 0, ...fates }])
      response.end(JSON.stringify(fates && { traces: Object.fromEntries(all) }))
      return
    }
    const [, traceId = '', parent = ''] = `${request.headers.traceparent}`.split('-')
    seen.push(traceId)
    await traces.collector.send(otlp([{ id: '7', parent, name: pathname, kind: 2 }], traceId))
    response.end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, seen }
}

async function opened(options: Parameters<typeof openTraces>[0]): Promise<Traces> {
  const own = await openTraces({ ...options, collectorUrl: traces.collector.url })
  onTestFinished(() => own.close())
  return own
}

test('the trace of a request, exactly, with the test as its parent', async () => {
  const { url } = await serve({ exported: ['0000000000000007'] })
  const own = await opened({ flush: [`${url}/flush`] })
  const trace = await own.during('ask', ({ headers }) => fetch(`${url}/cart`, { headers }))
  expect(trace.verdict).toEqual({ kind: 'exact' })
  expect(trace).toMatchSpans({ name: '/cart', service: 'shop', kind: 'server' })
  expect(trace).toBeHealthy()
  expect(trace.urls).toEqual([`${traces.collector.url}/?trace=${trace.traceIds[0]}`])

  const stored = await traces.collector.read(trace.traceIds[0]!)
  const spans = stored?.resourceSpans?.flatMap(({ scopeSpans = [] }) => scopeSpans)
  expect(spans?.flatMap((scope) => scope.spans?.map(({ name }) => name)).sort()).toEqual([
    '/cart',
    'ask',
  ])
})

test('without a hook it is complete as far as visible', async () => {
  const { url } = await serve()
  const trace = await traces.during('ask', ({ headers }) => fetch(url, { headers }))
  expect(trace.verdict).toMatchObject({ kind: 'visible' })
  expect(trace).toMatchSpans({ name: '/' })
})

test('a hook that nobody answers at leaves it at that', async () => {
  const { url } = await serve()
  const own = await opened({ flush: [`${url}/flush`, 'http://127.0.0.1:1/flush'] })
  await expect(own.during('ask', ({ headers }) => fetch(url, { headers }))).rejects.toThrow(
    `the flush hook ${url}/flush answers wrongly`,
  )
  const down = await opened({ flush: ['http://127.0.0.1:1/flush'] })
  const trace = await down.during('ask', ({ headers }) => fetch(url, { headers }))
  expect(trace.verdict).toEqual({
    kind: 'visible',
    because: 'http://127.0.0.1:1 does not tell what it has exported and dropped',
  })
})

test('dropped spans make it incomplete at once', async () => {
  const { url } = await serve({ exported: ['0000000000000007'], dropped: 1 })
  const own = await opened({ flush: [`${url}/flush`] })
  const trace = await own.during('ask', ({ headers }) => fetch(url, { headers }))
  expect(trace.incomplete).toBe(`1 span that ${url} has dropped`)
})

test('what does not come is waited for, for so long', async () => {
  const trace = await traces.during('nothing', () => Promise.resolve(), { timeoutMs: 50 })
  expect(trace.incomplete).toBe('no span has arrived')
  expect(trace.traceIds).toHaveLength(1)
})

test('several traces of one action are one forest', async () => {
  const { url } = await serve()
  const trace = await traces.during('ask twice', async ({ headers, alsoFollow }) => {
    await fetch(`${url}/first`, { headers })
    const other = '11111111111111111111111111111111'
    await traces.collector.send(otlp([{ id: '8', parent: '', name: 'apart', from: 1 }], other))
    alsoFollow(other)
  })
  expect(trace).toMatchSpans([{ name: '/first' }, { name: 'apart' }])
  expect(trace.urls).toHaveLength(2)
})

test('actions at the same time do not see each other', async () => {
  const { url } = await serve()
  const numbers = Array.from({ length: 20 }, (_, number) => number)
  const found = await Promise.all(
    numbers.map((number) =>
      traces.during(`ask ${number}`, ({ headers }) => fetch(`${url}/${number}`, { headers })),
    ),
  )
  for (const number of numbers) expect(found[number]).toMatchSpans({ name: `/${number}` })
})

test('what the action fails with is thrown on, and stands on its span', async () => {
  let traceId = ''
  const failing = traces.during('fail', ({ traceparent }) => {
    traceId = traceparent.split('-')[1] ?? ''
    return Promise.reject(new TypeError('no'))
  })
  await expect(failing).rejects.toThrow('no')
  const stored = await traces.collector.read(traceId)
  const span = stored?.resourceSpans?.[0]?.scopeSpans?.[0]?.spans?.[0]
  expect(span?.status).toEqual({ code: 2, message: 'no' })
  expect(span?.attributes).toContainEqual({
    key: 'error.type',
    value: { stringValue: 'TypeError' },
  })
})

test('what the action throws at once is a failure like any other', async () => {
  const traceIds: string[] = []
  const failing = traces.during('fail', ({ traceparent }) => {
    traceIds.push(traceparent.split('-')[1] ?? '')
    throw new TypeError('at once')
  })
  await expect(failing).rejects.toThrow('at once')
  const stored = await traces.collector.read(traceIds[0]!)
  expect(stored?.resourceSpans?.[0]?.scopeSpans?.[0]?.spans?.[0]?.status).toMatchObject({ code: 2 })
})

test('an address without a collector says what to do', async () => {
  await expect(openTraces({ collectorUrl: 'http://127.0.0.1:1' })).rejects.toThrow(
    'no collector answers at http://127.0.0.1:1: start one with "npx pingtrace-collector"',
  )
  const { url } = await serve()
  await expect(openTraces({ collectorUrl: url })).rejects.toThrow()
})
