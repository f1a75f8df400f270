import { DiagLogLevel, diag } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startServer, type TestServer } from '../page.test-support.ts'
import { drainResponses } from './drain-responses.ts'

const realFetch = globalThis.fetch
const warn = vi.fn()
const debug = vi.fn()
let server: TestServer
/** Paths whose responses have been taken to the last byte. */
let taken: string[]

beforeEach(async () => {
  diag.setLogger({ error: warn, warn, info: debug, debug, verbose: debug }, DiagLogLevel.ALL)
  taken = []
  server = await startServer((request, response) => {
    const path = request.url ?? ''
    if (path === '/broken') {
      response.writeHead(200, { 'content-length': '9' }).write('{', () => response.destroy())
      return
    }
    // More than the buffers on the way hold: it is only over when somebody reads it.
    response.end(JSON.stringify({ padding: 'x'.repeat(20_000_000) }), () => taken.push(path))
  })
})
afterEach(async () => {
  globalThis.fetch = realFetch
  warn.mockReset()
  debug.mockReset()
  diag.disable()
  await server.close()
})

test('the body of a response from the endpoint is read though its caller does not', async () => {
  drainResponses(`${server.url}/v1/traces`)
  const response = await fetch(`${server.url}/v1/traces`, { method: 'POST' })
  await vi.waitUntil(() => taken.includes('/v1/traces'))
  expect(response.bodyUsed).toBe(false)
  expect(warn).not.toHaveBeenCalled()
})

test('other requests are left alone: same arguments, same promise', async () => {
  const answer = Promise.resolve(new Response())
  const other = vi.fn<typeof fetch>(() => answer)
  globalThis.fetch = other
  drainResponses(`${server.url}/v1/traces`)
  const init = { method: 'PUT' }
  const request = new Request(`${server.url}/v1/traces`)

  expect(fetch(`${server.url}/v1/traces/more`, init)).toBe(answer)
  expect(fetch(request)).toBe(answer)
  expect(other.mock.calls).toEqual([
    [`${server.url}/v1/traces/more`, init],
    [request, undefined],
  ])
})

test('an instrumentation that wrapped fetch before does not see the exports', async () => {
  const traced = Object.assign(
    vi.fn<typeof fetch>(() => Promise.resolve(new Response())),
    { __original: realFetch },
  )
  globalThis.fetch = traced
  drainResponses(`${server.url}/v1/traces`)
  await fetch(`${server.url}/v1/traces`)
  expect(traced).not.toHaveBeenCalled()
})

test('a body that breaks off is not a failed export: the collector has answered', async () => {
  drainResponses(`${server.url}/broken`)
  expect((await fetch(`${server.url}/broken`)).status).toBe(200)
  await vi.waitUntil(() => debug.mock.calls.some(([words]) => /could not be read/.test(words)))
})
