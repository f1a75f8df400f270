import { createServer } from 'node:net'
import { loopbackAddresses } from './serve.ts'

/**
 * Below the ports from which every system gives one to whoever asks for any (from 32,768 on Linux,
 * from 49,152 elsewhere), so that no connection and no server that asks so can take one of these
 * between the moment it was found free and the moment it is listened on.
 */
const firstPort = 10_000
const lastPort = 32_767

/** Each process has a stretch of its own to look in; processes that run together differ in it. */
const stretch = 100
const stretches = Math.floor((lastPort - firstPort + 1) / stretch)
const base = firstPort + (process.pid % stretches) * stretch
let next = 0

/**
 * A port to listen on later, for tests and benches that must know it before, or again: for a server
 * that is started anew on the port it had. It is not given out twice by this process soon.
 * @throws Error when something listens on all that this process may look at
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < stretch; tries++) {
    const port = base + (next++ % stretch)
    if (await isFree(port)) return port
  }
  throw new Error(`no port from ${base} to ${base + stretch - 1} is free`)
}

async function isFree(port: number): Promise<boolean> {
  for (const address of loopbackAddresses) {
    const code = await listenCode(port, address)
    // An address that this machine has not got is nobody's.
    if (code !== undefined && code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT') return false
  }
  return true
}

function listenCode(port: number, address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
    probe.listen(port, address, () => probe.close(() => resolve(undefined)))
  })
}
