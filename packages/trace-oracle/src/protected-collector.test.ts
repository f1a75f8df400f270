import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { connectCollector } from './connect-collector.ts'
import { launchCollector } from './start-collector.ts'
import { otlp } from './trace.test-support.ts'
import { openTraces, type TracesOptions } from './vitest.ts'

const tokens = { queryToken: 'q-0123456789abcdef', ingestToken: 'i-0123456789abcdef' }

let collector: Awaited<ReturnType<typeof launchCollector>>
beforeAll(async () => {
  collector = await launchCollector({
    PINGTRACE_QUERY_TOKEN: tokens.queryToken,
    PINGTRACE_INGEST_TOKEN: tokens.ingestToken,
  })
})
afterAll(() => collector.stop())

const open = (options: TracesOptions) => openTraces({ collectorUrl: collector.url, ...options })

/** What a service would send, with the token that it has of its own. */
async function traced(options: TracesOptions) {
  const service = await connectCollector(collector.url, tokens)
  const traces = await open(options)
  return traces.during('ask', ({ traceparent }) => {
    const [, traceId, parent = ''] = traceparent.split('-')
    return service.send(otlp([{ id: '7', parent, name: 'GET /', kind: 2 }], traceId))
  })
}

test('the options have the tokens', async () => {
  expect(await traced(tokens)).toMatchSpans({ name: 'GET /' })
})

test('the variables of the collector have the tokens', async () => {
  vi.stubEnv('PINGTRACE_QUERY_TOKEN', tokens.queryToken)
  vi.stubEnv('PINGTRACE_INGEST_TOKEN', tokens.ingestToken)
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(await traced({})).toMatchSpans({ name: 'GET /' })
})

test('without a token to read with, it is said which one', async () => {
  await expect(open({})).rejects.toThrow(
    `the collector at ${collector.url} lets nobody read without a token: set PINGTRACE_QUERY_TOKEN, or the option queryToken`,
  )
})

test('a token that is not the right one is not called missing, nor shown', async () => {
  const wrong = open({ queryToken: tokens.ingestToken })
  await expect(wrong).rejects.toThrow(
    `the collector at ${collector.url} refuses this token: PINGTRACE_QUERY_TOKEN, or the option queryToken, must be what it was started with`,
  )
  await expect(wrong).rejects.not.toThrow(tokens.ingestToken)
})

test("the test's own span needs the other token, and nothing is waited for without it", async () => {
  const { queryToken } = tokens
  const traces = await open({ queryToken })
  const nothing = () => Promise.resolve()
  await expect(traces.during('ask', nothing, { timeoutMs: 1e9 })).rejects.toThrow(
    'takes spans of nobody without a token: set PINGTRACE_INGEST_TOKEN, or the option ingestToken',
  )
  const other = await open({ queryToken, ingestToken: queryToken })
  await expect(other.during('ask', nothing, { timeoutMs: 1e9 })).rejects.toThrow(
    'refuses this token: PINGTRACE_INGEST_TOKEN',
  )
})

test('what the action itself fails with comes first', async () => {
  const traces = await open({ queryToken: tokens.queryToken })
  const failing = traces.during('ask', () => Promise.reject(new Error('no tea')))
  await expect(failing).rejects.toThrow('no tea')
})

test.skipIf(process.platform === 'win32')(
  'a collector that is called by a name of which it does not know says so',
  async () => {
    const { port } = new URL(collector.url)
    await expect(open({ collectorUrl: `http://0.0.0.0:${port}`, ...tokens })).rejects.toThrow(
      /^the collector at http:\/\/0\.0\.0\.0:\d+ refuses: the Host header must be .*PINGTRACE_ALLOWED_HOSTS/,
    )
  },
)
