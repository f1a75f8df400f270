/// <reference types="node" />
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { readSpans, type Span } from '@pingtrace/otlp'
import { vi } from 'vitest'

/** A page as browsers move it about. */
export interface TestPage {
  /** Dispatches an event to the window, for example `pagehide`. */
  dispatch(type: string): void
  /** Another tab is shown, or this one again. */
  setHidden(hidden: boolean): void
}

/** What Node lacks of a page: enough for the browser builds of OpenTelemetry to run as in one. */
export function pretendToBeAPage(): TestPage {
  const window = new EventTarget()
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  vi.stubGlobal('addEventListener', window.addEventListener.bind(window))
  vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window))
  vi.stubGlobal('document', document)
  vi.stubGlobal('location', { origin: 'http://page.test', href: 'http://page.test/' })
  vi.stubGlobal('navigator', {
    language: 'de',
    userAgent: 'Test/1.0',
    userAgentData: {
      brands: [{ brand: 'Chromium', version: '140' }],
      mobile: false,
      platform: 'Linux',
    },
  })
  return {
    dispatch: (type) => void window.dispatchEvent(new Event(type)),
    setHidden: (hidden) => {
      document.visibilityState = hidden ? 'hidden' : 'visible'
      document.dispatchEvent(new Event('visibilitychange'))
    },
  }
}

export interface TestServer {
  url: string
  close(): Promise<void>
}

export async function startServer(listener: RequestListener): Promise<TestServer> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A URL where nobody listens: its port was free a moment ago. */
export async function deadUrl(): Promise<string> {
  const server = await startServer(() => undefined)
  await server.close()
  return server.url
}

export interface OtlpEndpoint extends TestServer {
  spans: Span[]
  headers: IncomingHttpHeaders[]
  /** The JSON that is answered next and from then on. */
  answer: unknown
}

/** An OTLP/HTTP receiver that keeps what it gets. */
export async function startOtlpEndpoint(): Promise<OtlpEndpoint> {
  const server = await startServer(async (request, response) => {
    endpoint.headers.push(request.headers)
    endpoint.spans.push(...readSpans(JSON.parse(await readBody(request))))
    response.setHeader('content-type', 'application/json').end(JSON.stringify(endpoint.answer))
  })
  const endpoint: OtlpEndpoint = {
    ...server,
    url: `${server.url}/v1/traces`,
    spans: [],
    headers: [],
    answer: {},
  }
  return endpoint
}

export async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  return body
}

/** All of a response as text: its request is over then. */
export async function bodyOf({ response }: { response: Promise<Response> }): Promise<string> {
  return (await response).text()
}
