import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** A server that accepts connections and never says a word. */
export async function hungServer() {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => socket.destroy()))
    server.emit('accepted')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
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
