import type { Ports } from '@pingtrace/loopback'
import { freePort } from '@pingtrace/loopback/free-ports'

/** For a whole stack of its own. */
export async function freePorts(): Promise<Ports> {
  return {
    web: await freePort(),
    api: await freePort(),
    otlpGrpc: await freePort(),
    otlpHttp: await freePort(),
    query: await freePort(),
  }
}
