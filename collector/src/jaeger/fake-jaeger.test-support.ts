import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ResourceSpans } from '@pingtrace/otlp'
import { onTestFinished } from 'vitest'
import { traceIdOf } from '../testing.ts'

/** As Jaeger 2.20.0 with its storage in memory answered them, for a trace of two spans. */
const root = {
  traceId: traceIdOf(1),
  spanId: '0000000000000001',
  name: 'root',
  kind: 3,
  startTimeUnixNano: '1795672833000000000',
  endTimeUnixNano: '1795672833005000000',
  attributes: [{ key: 'code', value: { intValue: '500' } }],
  status: { message: 'no', code: 2 },
}
const child = {
  traceId: traceIdOf(1),
  spanId: '0000000000000002',
  parentSpanId: '0000000000000001',
  name: 'GET /',
  kind: 2,
  startTimeUnixNano: '1795672833001000000',
  endTimeUnixNano: '1795672833002000000',
  attributes: [{ key: 'x', value: { stringValue: 'y' } }],
  status: {},
}
const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'web' } }] }
export const recordedTrace = (spans = [root, child]) => ({
  result: {
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'lib' }, spans }] } as ResourceSpans],
  },
})
export const recordedFirstSpan = recordedTrace([root])
export const recordedSummary = {
  traceId: traceIdOf(1),
  rootServiceName: 'web',
  rootOperationName: 'root',
  minStartTimeUnixNano: '1795672833000000000',
  maxEndTimeUnixNano: '1795672833005000000',
  spanCount: 2,
  errorSpanCount: 1,
  services: [{ name: 'web', spanCount: 2, errorSpanCount: 1 }],
}
export const recordedNotFound = { error: { httpCode: 404, message: 'No traces found' } }
export const recordedDepth = {
  error: {
    httpCode: 500,
    message: 'search depth must be greater than 0 and less than max traces',
  },
}

export interface FakeJaeger {
  url: URL
  /** What it was asked, in order. */
  requests: IncomingMessage[]
  /** How it answers from now on. */
  answer(handle: (request: URL, response: ServerResponse) => void): void
  /** How it answers from now on, whatever it is asked. */
  say(body: unknown, status?: number): void
  close(): Promise<void>
}

/** What answers as a Jaeger does, on a real socket; it is closed after the test. */
export async function startFakeJaeger(): Promise<FakeJaeger> {
  const requests: IncomingMessage[] = []
  let handle = (_: URL, response: ServerResponse): unknown => response.writeHead(404).end()
  const server = createServer((request, response) => {
    requests.push(request)
    handle(new URL(request.url ?? '/', 'http://localhost'), response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(close)
  const answer: FakeJaeger['answer'] = (next) => {
    handle = next
  }
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    requests,
    answer,
    say: (body, status = 200) =>
      answer((_, response) => {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(typeof body === 'string' ? body : JSON.stringify(body))
      }),
    close,
  }
}
