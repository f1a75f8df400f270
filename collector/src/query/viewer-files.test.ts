import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { loopbackOrigins } from '@pingtrace/loopback'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { startCollector } from '../collector.ts'
import {
  request as exportRequest,
  postTraces,
  span,
  spanIdOf,
  temporaryFolder,
  traceIdOf,
} from '../testing.ts'

let port: number
let otlpPort: number

beforeEach(async () => {
  const viewerDir = temporaryFolder()
  mkdirSync(join(viewerDir, 'assets'))
  writeFileSync(join(viewerDir, 'viewer.html'), '<title>the viewer</title>')
  writeFileSync(join(viewerDir, 'assets/viewer-abc.js'), 'export {}')
  writeFileSync(join(viewerDir, '.inputs'), 'not for the world')
  writeFileSync(join(viewerDir, 'doctor.html'), '<h2 id="unknown-service">')
  const collector = await startCollector({
    ports: { otlpGrpc: 0, otlpHttp: 0, query: 0 },
    dataDir: temporaryFolder(),
    queryOrigins: [],
    viewerDir,
  })
  onTestFinished(() => collector.close())
  port = collector.ports.query
  otlpPort = collector.ports.otlpHttp
})

const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)

/** Path and headers go out as they are written; fetch would mend the one and add to the others. */
function ask(path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number | undefined; type: string | undefined }>(
    (resolve, reject) => {
      const asked = request({ port, path, headers, host: '127.0.0.1' }, (answer) => {
        resolve({ status: answer.statusCode, type: answer.headers['content-type'] })
        answer.destroy()
      })
      asked.on('error', reject).end()
    },
  )
}

it('is the page at /, whatever trace the address names, and never stale', async () => {
  for (const path of ['/', '/?trace=0af7651916cd43dd8448eb211c80319c']) {
    const response = await get(path)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/html/)
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(await response.text()).toBe('<title>the viewer</title>')
  }
})

it('runs its own scripts, talks to its own port, stands in no frame, and nothing else', async () => {
  const policy = (await get('/')).headers.get('content-security-policy')
  expect(policy?.split('; ').sort()).toEqual([
    "base-uri 'none'",
    "connect-src 'self'",
    "default-src 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    'img-src data:',
    "script-src 'self'",
    "style-src 'self'",
  ])
})

it('keeps its assets for ever', async () => {
  const response = await get('/assets/viewer-abc.js')
  expect(response.headers.get('content-type')).toMatch(/^text\/javascript/)
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(await response.text()).toBe('export {}')
})

it('leaves no content to be guessed', async () => {
  const paths = ['/', '/assets/viewer-abc.js', '/api/v3/services', '/live/v1/stream', '/nothing']
  for (const path of paths) {
    const response = await get(path)
    expect(response.headers.get('x-content-type-options'), path).toBe('nosniff')
    await response.body?.cancel()
  }
})

it.each([
  '/viewer.html',
  '/.inputs',
  '/assets',
  '/assets/',
  '/assets/nothing.js',
  '/assets/../.inputs',
  '/assets/%2e%2e/.inputs',
  '/assets/..%2f.inputs',
  '/assets/%5c..%5c.inputs',
  '//etc/passwd',
])('serves no %s', async (path) => {
  expect(await ask(path)).toEqual({ status: 404, type: 'application/json' })
})

it('may name its own origin, in each spelling', async () => {
  for (const origin of loopbackOrigins(port)) {
    expect((await ask('/live/v1/traces', { origin })).status, origin).toBe(200)
  }
})

it('may be linked to by pages of this machine, and is no part of theirs', async () => {
  const link = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  expect((await ask('/', { 'sec-fetch-site': 'same-site', ...link })).status).toBe(200)
  for (const path of ['/', '/assets/viewer-abc.js']) {
    expect((await ask(path, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await ask(path, { origin: `http://localhost:${port + 1}` })).status).toBe(403)
    expect((await ask(path, { host: `rebind.test:${port}` })).status).toBe(403)
  }
})

it('describes the rules of the doctor where the links of findings lead', async () => {
  await postTraces(otlpPort, exportRequest('unknown_service', span(traceIdOf(1), spanIdOf(1))))
  const answer = await get(`/live/v1/traces/${traceIdOf(1)}/findings`)
  const { findings } = (await answer.json()) as { findings: { link: string }[] }
  const [link = ''] = findings
    .map((finding) => finding.link)
    .filter((each) => each.endsWith('-service'))
  expect(link).toBe(`http://127.0.0.1:${port}/doctor.html#unknown-service`)
  const page = await fetch(link)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(await page.text()).toContain('id="unknown-service"')
})
