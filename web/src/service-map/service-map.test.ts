import type { ServiceNode } from '@pingtrace/otlp'
import { compileQuery } from '@pingtrace/traceql'
import { expect, it } from 'vitest'
import { callsOf, edgeQuery, nodeQuery } from './map-query.ts'
import { failedText, mapText, rateText } from './words.ts'

const stats = { count: 1, errorCount: 0, p50Nano: 1, p95Nano: 1, p99Nano: 1 }
const web: ServiceNode = { id: 'service:web', name: 'web', kind: 'service', ...stats }
const api: ServiceNode = { ...web, id: 'service:api', name: 'api "1"' }
const redis: ServiceNode = {
  ...web,
  id: 'database:redis',
  name: 'redis',
  kind: 'database',
  attributes: { 'db.system.name': 'redis' },
}
const host: ServiceNode = {
  ...web,
  id: 'external:h:1',
  name: 'h:1',
  kind: 'external',
  attributes: { 'server.address': 'h', 'server.port': 1 },
}

it('leads to queries for the traces behind a box and an arrow', () => {
  const queries = {
    [nodeQuery('', api)]: '{ resource.service.name = "api \\"1\\"" }',
    [nodeQuery('', host)]: '{ span.server.address = "h" && span.server.port = 1 }',
    [edgeQuery('', web, api)]:
      '{ resource.service.name = "web" } > { resource.service.name = "api \\"1\\"" }',
    [edgeQuery('{ status = error }', web, redis)]:
      '({ status = error }) && ({ resource.service.name = "web" && span.db.system.name = "redis" })',
  }
  for (const [query, expected] of Object.entries(queries)) {
    expect(query).toBe(expected)
    expect(() => compileQuery(query)).not.toThrow()
  }
})

it('has calls whose both ends are there', () => {
  const edge = (from: string, to: string, count: number) => ({ from, to, ...stats, count })
  const calls = callsOf(
    [web, api],
    [
      edge('service:web', 'gone', 9),
      edge('service:api', 'service:web', 1),
      edge('service:web', 'service:api', 3),
    ],
  )
  expect(calls.map(({ from, to }) => `${from.name} ${to.name}`)).toEqual([
    'web api "1"',
    'api "1" web',
  ])
})

it('says how often in a unit that is read easily, and how much failed', () => {
  const hour = { from: 0, to: 3_600_000, stepMs: 1_000 }
  const rates = [36_000, 3_600, 90, 5].map((count) => rateText({ ...stats, count }, hour))
  expect(rates).toEqual(['10/s', '1.0/s', '1.5/min', '5.0/h'])
  expect(rateText({ ...stats, count: 2 }, { from: 0, to: 1_000, stepMs: 1_000 })).toBe('2 calls')
  expect(failedText({ ...stats, count: 3, errorCount: 1 })).toBe('33 % failed')
  const result = { nodes: [web, redis], edges: [], examined: 2, unmapped: 0, time: hour }
  const state = { asked: undefined, searching: false, problem: undefined, result }
  expect(mapText(state)).toBe('1 service in 2 traces')
})
