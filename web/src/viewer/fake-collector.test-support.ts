/// <reference types="node" />
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeCollector {
  url: string
  /** The next request, with its response left open: the test says what is answered and when. */
  nextRequest(): Promise<StreamRequest>
  /** Hangs up on everybody and stops listening. */
  leave(): Promise<void>
  /** Listens again on the same port. */
  comeBack(): Promise<void>
}

export interface StreamRequest {
  url: URL
  /** `no-cors` for a probe. */
  mode: string | undefined
  authorization: string | undefined
  response: ServerResponse
  /** Starts an event stream. */
  open(): void
  send(event: string, data: unknown, id?: string): void
  /** Resolves when the client has closed the connection. */
  closed: Promise<unknown>
}

/** The collector's streams on a real socket, operated by a test. */
export async function startFakeCollector(): Promise<FakeCollector> {
  const waiting: ((request: StreamRequest) => void)[] = []
  const arrived: StreamRequest[] = []
  const server = createServer((request, response) => {
    const made = makeRequest(request, response)
    const taker = waiting.shift()
    if (taker) taker(made)
    else arrived.push(made)
  })
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    nextRequest: () => {
      const ready = arrived.shift()
      return ready ? Promise.resolve(ready) : new Promise((resolve) => waiting.push(resolve))
    },
    leave: async () => {
      server.closeAllConnections()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
    comeBack: () => listen(port),
  }
}

function makeRequest(request: IncomingMessage, response: ServerResponse): StreamRequest {
  return {
    url: new URL(request.url ?? '/', 'http://collector'),
    mode: request.headers['sec-fetch-mode']?.toString(),
    authorization: request.headers.authorization,
    response,
    open: () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.flushHeaders()
    },
    send: (event, data, id) => {
      const idLine = id === undefined ? '' : `id: ${id}\n`
      response.write(`event: ${event}\n${idLine}data: ${JSON.stringify(data)}\n\n`)
    },
    closed: once(response, 'close'),
  }
}
