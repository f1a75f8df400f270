import { text } from 'node:stream/consumers'
import { startAnotherPage } from './another-page.ts'
import { expect, test } from './fixtures.ts'
import { PingPage } from './ping-page.ts'
import { call, ping, redis, route } from './spans.ts'
import { serve } from './test-server.ts'

// The oracle by itself; that it tells the truth about our own application is what the other files show.

test('requests go out as the page wrote them, and the test is their parent', async ({
  page,
  stack,
  traces,
}) => {
  const seen: (string | undefined)[] = []
  const api = await serve(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', 'traceparent')
    if (request.method === 'GET') seen.push(request.headers.traceparent as string | undefined)
    response.end(await text(request))
  })
  const other = await startAnotherPage(stack, {
    PINGTRACE_API_URL: `http://localhost:${api.port}`,
    PINGTRACE_FLUSH_HOOK: '1',
  })
  try {
    await page.goto(other.url)
    const app = new PingPage(page)
    const trace = await traces.during('ping a stranger', () => app.ping())
    expect(trace).toMatchSpans(call())
    const [span] = trace.spans
    const sent = seen.filter((traceparent) => traceparent !== undefined)
    expect(sent).toEqual([expect.stringContaining(`${span?.traceId}-${span?.spanId}`)])

    // What is done outside of a step is nobody's.
    const outside = await app.ping()
    expect(outside).not.toBe(span?.traceId)
  } finally {
    await other.stop()
    await api.close()
  }
})

test('a step that loads the page is one trace, from a document that was not there before', async ({
  page,
  traces,
}) => {
  const app = new PingPage(page)
  const trace = await traces.during('open and ping', async () => {
    await app.open()
    await app.ping()
  })
  expect(trace.verdict).toEqual({ kind: 'exact' })
  expect(trace).toMatchSpans(ping)
})

test('a document that was left cannot tell any more, and that is said', async ({
  page,
  traces,
}) => {
  const app = new PingPage(page)
  await app.open()
  const trace = await traces.during('ping, reload, ping', async () => {
    await app.ping()
    await page.reload()
    await app.ping()
  })
  expect(trace.verdict).toMatchObject({
    kind: 'visible',
    because: expect.stringContaining('was left or loaded anew'),
  })
  expect(trace).toMatchSpans([ping, ping])
})

test('nor can one that came and went within the step', async ({ page, traces, stack }) => {
  const app = new PingPage(page)
  const trace = await traces.during('open, ping, go on', async () => {
    await app.open()
    await app.ping()
    await page.goto(`http://localhost:${stack.ports.web}/elsewhere`)
  })
  expect(trace.verdict.kind).toBe('visible')
  expect(trace).toMatchSpans(ping)
})

test('two windows are in the step, and each has its part', async ({ page, context, traces }) => {
  const [first, second] = [new PingPage(page), new PingPage(await context.newPage())]
  await first.open()
  await second.open()
  await second.page.getByRole('radio', { name: '/redis/:length' }).check()
  const trace = await traces.during('ping from both', () =>
    Promise.all([first.ping(), second.ping()]),
  )
  expect(trace.verdict).toEqual({ kind: 'exact' })
  expect(trace).toMatchSpans([ping, call(route('/redis/:length', redis))])
})

test('a failed step keeps its trace, and the error is its own', async ({ page, traces }) => {
  const app = new PingPage(page)
  await app.open()
  const failing = traces.during('ping and fail', async () => {
    await app.ping()
    throw new RangeError('not what I wanted')
  })
  await expect(failing).rejects.toThrow('not what I wanted')
  const { attachments, annotations } = test.info()
  const [picture] = attachments
  expect(picture).toMatchObject({ name: 'trace: ping and fail', contentType: 'image/svg+xml' })
  expect(picture?.body?.toString()).toContain('client operation [pingtrace-web client]')
  expect(annotations.map(({ type }) => type)).toEqual(['trace'])
})
