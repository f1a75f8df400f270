import type { OperationsResult, OtlpSpan, SearchError, ServiceMapResult } from '@pingtrace/otlp'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  traceIdOf,
} from '../testing.ts'

let collector: TestCollector

beforeEach(async () => {
  collector = await startTestCollector()
})

async function ask<T>(path: string, parameters: Record<string, string> = {}) {
  const response = await collector.query(`/live/v1/${path}?${new URLSearchParams(parameters)}`)
  return { status: response.status, body: (await response.json()) as T & SearchError }
}

const send = (service: string, id: number, parent: number, fields: OtlpSpan = {}) =>
  collector.send(
    request(
      service,
      span(traceIdOf(1), spanIdOf(id), {
        ...(parent === 0 ? {} : { parentSpanId: spanIdOf(parent) }),
        ...fields,
      }),
    ),
  )

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const port = (key: string, intValue: string) => ({ key, value: { intValue } })

/** A page's call of a server, which asks a database, a queue and somebody who traces nothing. */
async function sendCall(): Promise<void> {
  await send('web', 1, 0, { kind: 3, endTimeUnixNano: '1700000000009000000' })
  await send('api', 2, 1, { kind: 2, name: 'GET /', status: { code: 2 } })
  await send('api', 3, 2, { kind: 3, attributes: [text('db.system.name', 'redis')] })
  await send('api', 4, 2, { kind: 4, attributes: [text('messaging.system', 'kafka')] })
  await send('api', 5, 2, {
    kind: 3,
    attributes: [text('server.address', 'example.com'), port('server.port', '443')],
  })
  await send('api', 6, 2, { kind: 1 })
}

describe('GET /live/v1/operations', () => {
  it('answers what services did, how often, and how long it took', async () => {
    await sendCall()
    const { body } = await ask<OperationsResult>('operations')
    expect(body).toMatchObject({ spanCount: 6, ungroupedSpans: 0 })
    expect(body).not.toHaveProperty('others')
    expect(body).not.toHaveProperty('partial')
    expect(body.operations.map(({ name, kind, count }) => [name, kind, count])).toEqual([
      ['work', 'client', 2],
      ['work', 'internal', 1],
      ['work', 'producer', 1],
      ['GET /', 'server', 1],
      ['work', 'client', 1],
    ])
    const { steps, p50Nano, ...web } = body.operations.at(-1)!
    expect(web).toMatchObject({ service: 'web', errorCount: 0 })
    expect(p50Nano / 9e6).toBeCloseTo(1, 1)
    expect(steps).toMatchObject([{ at: 1_700_000_000_000, count: 1, errorCount: 0 }])
    expect(body.time).toEqual({ from: 1_700_000_000_000, to: 1_700_000_001_000, stepMs: 1_000 })
  })

  it('keeps to a query and to a time', async () => {
    await sendCall()
    const count = async (parameters: Record<string, string>) =>
      (await ask<OperationsResult>('operations', parameters)).body.spanCount
    expect(await count({ q: '{ status = error } || { kind = producer }' })).toBe(2)
    expect(await count({ q: '{ span.db.system.name = "redis" }' })).toBe(1)
    expect(await count({ end: '1699999999' })).toBe(0)
    expect(await count({ start: '1700000000', end: '2023-11-14T22:13:20Z' })).toBe(6)
  })

  it('bounds the operations of an answer, and counts the spans of the others', async () => {
    const spans = Array.from({ length: 510 }, (_, i) =>
      span(traceIdOf(2), spanIdOf(i + 1), { name: `user ${i}`, status: { code: i < 5 ? 2 : 0 } }),
    )
    await collector.send(request('web', ...spans))
    const { body } = await ask<OperationsResult>('operations')
    expect(body).toMatchObject({ spanCount: 510, ungroupedSpans: 10 })
    expect(body.operations).toHaveLength(500)
    // Those that came last have the rows.
    expect(body.others).toMatchObject({ count: 10, errorCount: 5, steps: [{ count: 10 }] })
    expect(body.others!.p50Nano / 1e6).toBeCloseTo(1, 1)
  })
})

describe('GET /live/v1/service-map', () => {
  it('answers services, what they call, and how that went', async () => {
    await sendCall()
    const { body } = await ask<ServiceMapResult>('service-map')
    expect(body.nodes.map(({ id, attributes }) => [id, attributes])).toEqual([
      ['service:api', undefined],
      ['service:web', undefined],
      ['external:example.com:443', { 'server.address': 'example.com', 'server.port': 443 }],
      ['messaging:kafka', { 'messaging.system': 'kafka' }],
      ['database:redis', { 'db.system.name': 'redis' }],
    ])
    const [first, ...others] = body.edges
    expect(first).toMatchObject({ from: 'service:web', to: 'service:api', count: 1, errorCount: 1 })
    // What the page waited for, not what the server took.
    expect(first!.p50Nano / 9e6).toBeCloseTo(1, 1)
    expect(others.map(({ to, count, errorCount }) => [to, count, errorCount])).toEqual([
      ['external:example.com:443', 1, 0],
      ['messaging:kafka', 1, 0],
      ['database:redis', 1, 0],
    ])
    expect(body).toMatchObject({ examined: 1, unmapped: 0 })
  })

  it('keeps to the traces that a query matches', async () => {
    await sendCall()
    const { body } = await ask<ServiceMapResult>('service-map', { q: '{ name = "nobody" }' })
    expect(body).toMatchObject({ nodes: [], edges: [], examined: 1 })
    const all = await ask<ServiceMapResult>('service-map', { q: '{ status = error }' })
    expect(all.body.nodes).toHaveLength(5)
  })
})

it('says where a question is wrong', async () => {
  for (const path of ['operations', 'service-map']) {
    const wrong = await ask(path, { q: '{ nme = "a" }' })
    expect(wrong).toMatchObject({ status: 400, body: { error: { start: 2 } } })
    const noTime = await ask(path, { start: 'yesterday' })
    expect(noTime.body.error.message).toContain('start must be a time')
  }
})
