import type { Server } from 'node:http'
import type { Server as NetServer, Socket } from 'node:net'

/** IPv4 first: `localhost` may resolve to either, and a page must reach us under both. */
export const loopbackAddresses = ['127.0.0.1', '::1'] as const

export interface LoopbackServer {
  readonly port: number
  /** Lets requests in flight finish, for at most `graceMs` milliseconds, then drops what is left. */
  close(graceMs?: number): Promise<void>
}

/**
 * Binds one server to each loopback address of this machine, on the same port.
 * @param createServer makes one server; called once for each address
 * @param port 0 takes a free one
 * @param elsewhere further addresses of this machine; `0.0.0.0` and `::` are all of their kind
 * @throws the listen error (EADDRINUSE and so on) after closing what was already bound
 */
export async function bindLoopback<AnyServer extends NetServer>(
  createServer: () => AnyServer,
  port: number,
  elsewhere: readonly string[] = [],
): Promise<{ servers: AnyServer[]; port: number }> {
  for (let tries = 1; ; tries++) {
    try {
      return await bindOnce(createServer, port, elsewhere)
    } catch (error) {
      // A port that was free at one address may be taken at the other: then any other will do.
      const { code } = error as NodeJS.ErrnoException
      if (port !== 0 || code !== 'EADDRINUSE' || tries === 10) throw error
    }
  }
}

async function bindOnce<AnyServer extends NetServer>(
  createServer: () => AnyServer,
  port: number,
  elsewhere: readonly string[],
): Promise<{ servers: AnyServer[]; port: number }> {
  const servers: AnyServer[] = []
  let bound = port
  try {
    for (const address of allAddresses(elsewhere)) {
      const server = createServer()
      if (!(await listen(server, bound, address, !elsewhere.includes(address)))) continue
      servers.push(server)
      const info = server.address()
      if (info !== null && typeof info === 'object') bound = info.port
    }
  } catch (error) {
    for (const server of servers) server.close()
    throw error
  }
  return { servers, port: bound }
}

/** `bindLoopback` for HTTP servers, with an end that does not wait for idle connections. */
export async function serveOnLoopback(
  createServer: () => Server,
  port: number,
  elsewhere: readonly string[] = [],
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>()
  const noted = () =>
    createServer().on('connection', (socket: Socket) => {
      sockets.add(socket.once('close', () => sockets.delete(socket)))
    })
  const { servers, port: bound } = await bindLoopback(noted, port, elsewhere)
  return {
    port: bound,
    close: async (graceMs = 2_000) => {
      await Promise.all(servers.map((server) => closeServer(server, sockets, graceMs)))
    },
  }
}

/** An address that stands for all of its kind has the loopback one in it, which is then taken. */
function allAddresses(elsewhere: readonly string[]): string[] {
  const [ipv4, ipv6] = loopbackAddresses
  const loopback = [
    ...(elsewhere.includes('0.0.0.0') ? [] : [ipv4]),
    ...(elsewhere.includes('::') ? [] : [ipv6]),
  ]
  return [...loopback, ...elsewhere]
}

/**
 * Resolves to false where the machine has no such address (IPv6 switched off).
 * @param isOptional whether that is no error
 */
function listen(
  server: NetServer,
  port: number,
  host: string,
  isOptional: boolean,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      const isAbsent = error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT'
      if (isAbsent && isOptional) resolve(false)
      else reject(error)
    }
    server.once('error', onError)
    // Alone, `::` would take IPv4 as well, and not the address that somebody else has bound.
    server.listen({ port, host, ipv6Only: true }, () => {
      server.off('error', onError)
      resolve(true)
    })
  })
}

/**
 * `server.close()` alone waits for idle keep-alive sockets; they are closed as they become idle.
 * A socket that has not sent a byte yet is not idle to Node. Browsers open such sockets ahead of
 * use, and each would take all of the time that a request is given.
 */
async function closeServer(server: Server, sockets: Set<Socket>, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const sweep = setInterval(() => {
    server.closeIdleConnections()
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
  }, 20)
  const limit = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(sweep)
  clearTimeout(limit)
}
