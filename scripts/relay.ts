import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { pipeline } from 'node:stream'

export interface Relay {
  /** Drops what is still open. */
  close(): void
}

/**
 * Makes the loopback servers of a container reachable from outside of it: TCP, port for port.
 *
 * What a container publishes arrives at its own address, and our servers listen on loopback alone.
 * They have no switch for that, because on a person's machine it would open them to the network;
 * here the network is the container's, and what leads into it is said where the container is
 * started. Nothing is parsed, so that each server still judges Host and Origin as they were sent.
 *
 * @param addresses where callers from outside arrive
 * @throws the listen error, after closing what was already bound
 */
export async function relayToLoopback(
  ports: readonly number[],
  addresses: readonly string[] = outsideAddresses(),
): Promise<Relay> {
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  const close = () => {
    for (const server of servers) server.close()
    for (const socket of sockets) socket.destroy()
  }
  try {
    for (const address of addresses) {
      for (const port of ports) servers.push(await relayPort(port, address, sockets))
    }
  } catch (error) {
    close()
    throw error
  }
  return { close }
}

/** All of this machine but loopback; a link-local one means nothing without its interface. */
function outsideAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address)
}

async function relayPort(port: number, address: string, open: Set<Socket>): Promise<Server> {
  // Half open, as HTTP clients may be: who has said all it has to say still waits for the answer.
  const server = createServer({ allowHalfOpen: true }, (outside) => {
    const inside = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [outside, inside]) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    }
    // Where one side breaks off, the other is told the same way: by a socket that is gone.
    const ended = (error: Error | null | undefined) => {
      if (!error) return
      outside.destroy()
      inside.destroy()
    }
    pipeline(outside, inside, ended)
    pipeline(inside, outside, ended)
  })
  server.listen(port, address)
  await once(server, 'listening')
  return server
}
