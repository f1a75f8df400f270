import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

async function listen(onConnection: (socket: Socket) => void) {
  const server = createServer(onConnection)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

/** A port of 127.0.0.1 on which nothing listens. */
export async function closedPort(): Promise<number> {
  const { server, port } = await listen((socket) => socket.destroy())
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A server that accepts connections and never says a word. */
export async function hungServer() {
  const sockets: Socket[] = []
  const { server, port } = await listen((socket) => {
    sockets.push(socket.on('error', () => socket.destroy()))
    server.emit('accepted')
  })
  return {
    port,
    /** Resolves when so many connections have been accepted in all. */
    connections: async (count: number): Promise<void> => {
      while (sockets.length < count) await once(server, 'accepted')
    },
    stop: (): void => {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
