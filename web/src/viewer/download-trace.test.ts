import { expect, it, onTestFinished } from 'vitest'
import { traceAsOtlp } from './download-trace.ts'
import { startFakeCollector } from './fake-collector.test-support.ts'

const traceId = '1'.repeat(32)

async function download() {
  const collector = await startFakeCollector()
  onTestFinished(() => collector.leave())
  const blob = traceAsOtlp(collector.url, traceId)
  const { url, response } = await collector.nextRequest()
  expect(url.pathname).toBe(`/api/v3/traces/${traceId}`)
  return { text: blob.then((it) => it.text()), response }
}

it('is OTLP JSON, without what the answer has around it', async () => {
  const { text, response } = await download()
  response.write('{"result":{"resourceSpans":[{}')
  response.end(',{}]}}')
  expect(await text).toBe('{"resourceSpans":[{},{}]}')
})

it('is the answer as it came, where that is written in another way', async () => {
  const { text, response } = await download()
  response.end('{ "result": {} }')
  expect(await text).toBe('{ "result": {} }')
})

it.each([
  ['{"error":{"message":"no such trace"}}', 'no such trace'],
  ['{}', 'HTTP 404'],
])('fails in the words of the collector: %s', async (body, message) => {
  const { text, response } = await download()
  response.writeHead(404).end(body)
  await expect(text).rejects.toThrow(message)
})

it('fails when the answer breaks off', async () => {
  const { text, response } = await download()
  response.write('{"result":{"resourceSpans":[', () => response.destroy())
  await expect(text).rejects.toThrow()
})
