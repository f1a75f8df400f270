import { afterEach, expect, test } from 'vitest'
import { deadUrl, startServer, type TestServer } from '../page.test-support.ts'
import { createBehindStore } from './behind-store.ts'
import { behindText } from './behind-words.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

/** What the page says of an API that answers so. */
async function lineFor(health: unknown): Promise<string[]> {
  const server = await startServer((request, response) => {
    asked.push(`${request.url} ${request.headers.traceparent}`)
    response.setHeader('content-type', 'application/json').end(JSON.stringify(health))
  })
  servers.push(server)
  const store = createBehindStore(() => `${server.url}/v1/`)
  await store.refresh()
  return behindText(store.getState())
}
let asked: string[] = []
afterEach(() => {
  asked = []
})

const embedded = {
  redis: { reachable: true, server: 'valkey 9.1.1', address: '127.0.0.1:1', kind: 'embedded' },
  mongodb: {
    reachable: true,
    server: 'pingtrace embedded server, not MongoDB',
    address: '127.0.0.1:2',
    kind: 'embedded',
  },
}

test('embedded servers are called what they are, by an API that is asked without a trace', async () => {
  expect(await lineFor(embedded)).toEqual([
    'Redis: the Valkey 9.1.1 engine in WebAssembly (embedded)',
    'MongoDB: a small stand-in, not MongoDB (embedded)',
  ])
  expect(asked).toEqual(['/v1/health undefined'])
})

test('real ones are told by what they say they are, and where', async () => {
  const redis = { reachable: true, server: 'redis 8.2.0', address: 'cache.lan:6379', kind: 'real' }
  const mongodb = {
    reachable: true,
    server: 'mongodb 8.0.1',
    address: 'db.lan:27017',
    kind: 'real',
  }
  expect(await lineFor({ redis, mongodb })).toEqual([
    'Redis: redis 8.2.0 at cache.lan:6379',
    'MongoDB: mongodb 8.0.1 at db.lan:27017',
  ])
})

test('one that is not reachable is said to be so, with the reason', async () => {
  const { server: _, ...redis } = { ...embedded.redis, reachable: false, reason: 'ECONNREFUSED' }
  const mongodb = { reachable: false, reason: 'ETIMEDOUT', address: 'db.lan:27017', kind: 'real' }
  expect(await lineFor({ redis, mongodb })).toEqual([
    'Redis: the Valkey engine in WebAssembly (embedded), not reachable: connection refused (ECONNREFUSED)',
    'MongoDB: a server at db.lan:27017, not reachable: no answer in time (ETIMEDOUT)',
  ])
})

test('nothing is claimed before the API has answered, nor when it does not', async () => {
  const url = await deadUrl()
  const store = createBehindStore(() => url)
  expect(behindText(store.getState())).toEqual([])
  await store.refresh()
  expect(behindText(store.getState())).toEqual(['not known: the API does not answer this page'])
  expect(await lineFor({ title: 'Forbidden' })).toEqual(behindText(store.getState()))
})
