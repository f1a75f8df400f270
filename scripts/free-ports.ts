import { createServer } from 'node:net'
import type { Ports } from '@pingtrace/loopback'

/** Ports that were free a moment ago; held together so that they differ. */
export async function freePorts(): Promise<Ports> {
  const servers = await Promise.all(Array.from({ length: 5 }, () => listenAnywhere()))
  const [web, api, otlpGrpc, otlpHttp, query] = servers.map(({ port }) => port)
  await Promise.all(servers.map(({ close }) => close()))
  return { web, api, otlpGrpc, otlpHttp, query } as Ports
}

function listenAnywhere(): Promise<{ port: number; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        close: () => new Promise((closed) => server.close(() => closed())),
      })
    })
  })
}
