import { Hono } from 'hono'
import { beforeEach, expect, test } from 'vitest'
import { recordSpans, spanId, traceId } from './record-spans.test-support.ts'
import { serverSpan } from './server-span.ts'
import { serverTiming } from './server-timing.ts'
import { withSpan } from './with-span.ts'

const { take } = recordSpans()
beforeEach(take)

const PAGE = 'http://localhost:5173'
const TRACE = '5b8efff798038103d269b633813fc60c'
const app = new Hono()
app.use(serverSpan())
app.use(serverTiming([PAGE]))
app.get('/ok', (c) => withSpan('work', {}, async () => c.text('ok')))
app.get('/timed', (c) => c.text('ok', 200, { 'Server-Timing': 'db;dur=5' }))
app.get('/broken', () => {
  throw new Error('out of luck')
})
app.onError((_error, c) => c.text('failed', 500))

async function call(path: string, headers: Record<string, string>) {
  const response = await app.request(path, { headers })
  await response.text()
  return { headers: response.headers, span: (await take()).at(-1) }
}

test.each(['/ok', '/broken', '/nowhere'])(
  'the page is told the SERVER span of %s',
  async (path) => {
    const { headers, span } = await call(path, { origin: PAGE })
    expect(headers.get('server-timing')).toBe(`trace;desc=00-${traceId(span)}-${spanId(span)}-03`)
    expect(headers.get('timing-allow-origin')).toBe(PAGE)
  },
)

test('the flags are sampled, because we record it, and random where the caller said so', async () => {
  for (const [given, told] of [
    ['00', '01'],
    ['02', '03'],
    ['ff', '03'],
  ]) {
    const traceparent = `00-${TRACE}-eee19b7ec3c1b174-${given}`
    const { headers, span } = await call('/ok', { origin: PAGE, traceparent })
    expect(headers.get('server-timing')).toBe(`trace;desc=00-${TRACE}-${spanId(span)}-${told}`)
  }
})

test('it stands beside the metrics of the handler', async () => {
  const { headers } = await call('/timed', { origin: PAGE })
  expect(headers.get('server-timing')).toMatch(/^db;dur=5, trace;desc=00-[\da-f-]+-03$/)
})

test.each([{}, { origin: 'http://evil.example' }, { origin: 'null' }, { origin: `${PAGE}.evil` }])(
  'nobody else is told (%o)',
  async (origin) => {
    const { headers } = await call('/ok', origin)
    expect([...headers.keys()]).toEqual(['content-type'])
  },
)
