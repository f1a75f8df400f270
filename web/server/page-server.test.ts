import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { type LoopbackServer, serveOnLoopback } from '@pingtrace/loopback'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pageConfig } from './page-config.ts'
import { createPageServer } from './page-server.ts'

let dist: string
let server: LoopbackServer
const config = pageConfig({
  PINGTRACE_API_PORT: '1001',
  PINGTRACE_OTLP_HTTP_PORT: '1002',
  PINGTRACE_QUERY_PORT: '1003',
})

beforeAll(async () => {
  dist = await mkdtemp(join(tmpdir(), 'page-'))
  await mkdir(join(dist, 'assets'))
  await writeFile(join(dist, 'index.html'), '<title>page</title><!-- page configuration -->')
  await writeFile(join(dist, 'assets/index-abc.js'), 'export {}')
  await writeFile(join(dist, '.inputs'), 'not for the world')
  const app = createPageServer(config, dist)
  server = await serveOnLoopback(() => createServer(getRequestListener(app.fetch)), 0)
})
afterAll(async () => {
  await server.close()
  await rm(dist, { recursive: true })
})

const get = (path: string, host = '127.0.0.1') => fetch(`http://${host}:${server.port}${path}`)

test('the page holds the configuration and is never stale', async () => {
  const response = await get('/')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^text\/html/)
  expect(response.headers.get('cache-control')).toBe('no-cache')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(await response.text()).toContain(JSON.stringify(config))
})

test('the page may run its own scripts and talk to its three servers, and no more', async () => {
  const policy = (await get('/')).headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain(
    "connect-src 'self' http://localhost:1001 http://localhost:1002 http://localhost:1003;",
  )
})

test('assets are kept for ever', async () => {
  const response = await get('/assets/index-abc.js')
  expect(response.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect(response.headers.get('cache-control')).toContain('immutable')
  expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  expect(await response.text()).toBe('export {}')
})

test.each([
  '/nothing',
  '/assets/nothing.js',
  '/.inputs',
  '/assets/../.inputs',
  '/assets/%2e%2e/.inputs',
])('%s is not found, and that is not cached', async (path) => {
  const response = await get(path)
  expect(response.status).toBe(404)
  expect(response.headers.get('cache-control')).toBeNull()
})

test('a missing build says what to do', () => {
  expect(() => createPageServer(config, join(dist, 'missing'))).toThrow(/npm run build/)
})
