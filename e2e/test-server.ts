import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TestServer {
  port: number
  close(): Promise<void>
}

/** A server of the test's own on 127.0.0.1: a stranger's page, or an API that behaves badly. */
export async function serve(listener: RequestListener): Promise<TestServer> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Any page at all. */
export const emptyPage: RequestListener = (_request, response) => {
  response.setHeader('content-type', 'text/html').end('<!doctype html><title>page</title><body>')
}
