import { BlockList, isIP, isIPv6 } from 'node:net'
import { readToken } from './bearer.ts'

/** Where the collector can be reached besides this machine, and what it asks of whoever calls. */
export interface Exposure {
  /** Addresses on which it listens besides the loopback ones. */
  addresses: readonly string[]
  /** Names under which that makes it reachable: the addresses, as a URL has them. */
  hosts: readonly string[]
  /** What senders have to show; nothing where it is undefined. */
  ingestToken: string | undefined
  /** What readers have to show. */
  queryToken: string | undefined
  /** Whether it is open to whoever reaches it from elsewhere, as was asked for. */
  isOpen: boolean
}

const bindVariable = 'PINGTRACE_BIND'
export const ingestTokenVariable = 'PINGTRACE_INGEST_TOKEN'
export const queryTokenVariable = 'PINGTRACE_QUERY_TOKEN'
/** The second time of asking; a name that nobody writes by mistake. */
const openVariable = 'PINGTRACE_BIND_WITHOUT_TOKENS'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')
/** All addresses of the machine: no names by which anybody calls it. */
const everywhere = ['0.0.0.0', '::']

/**
 * Reads who may reach the collector and with what: loopback and nothing, unless said otherwise.
 * @throws Error in one line that says what to set, where an address is none, where it would be open
 * to other machines without having been asked for twice, or where a token is none
 */
export function readExposure(env: Record<string, string | undefined>): Exposure {
  const addresses = readAddresses(env[bindVariable] ?? '')
  const ingestToken = readToken(env, ingestTokenVariable)
  const queryToken = readToken(env, queryTokenVariable)
  if (ingestToken !== undefined && ingestToken === queryToken) {
    throw new Error(
      `${ingestTokenVariable} and ${queryTokenVariable} must differ: who sends need not read`,
    )
  }
  const missing = [
    ...(ingestToken === undefined ? [ingestTokenVariable] : []),
    ...(queryToken === undefined ? [queryTokenVariable] : []),
  ]
  const isOpen = addresses.length > 0 && missing.length > 0
  if (isOpen && env[openVariable] !== '1') {
    throw new Error(
      `${bindVariable} lets other machines in: set ${missing.join(' and ')} too, or, where anybody ` +
        `who gets there may do that without, ${openVariable}=1`,
    )
  }
  const hosts = addresses
    .filter((address) => !everywhere.includes(address))
    .map((address) => (isIPv6(address) ? `[${address}]` : address))
  return { addresses, hosts, ingestToken, queryToken, isOpen }
}

/** In the form that a browser writes them in `Host`; loopback ones are bound anyway. */
function readAddresses(text: string): string[] {
  const entries = text.split(',').map((entry) => entry.trim())
  const addresses = entries.filter((entry) => entry !== '' && !isLoopback(entry))
  return [...new Set(addresses.map(normalize))]
}

function isLoopback(entry: string): boolean {
  if (entry === 'localhost') return true
  const version = isIP(entry)
  return version !== 0 && loopback.check(entry, version === 6 ? 'ipv6' : 'ipv4')
}

function normalize(entry: string): string {
  const version = isIP(entry)
  if (version === 0 || entry.includes('%')) {
    throw new Error(`${bindVariable} must be a list of IP addresses without ports, not "${entry}"`)
  }
  return version === 4 ? entry : new URL(`http://[${entry}]`).hostname.slice(1, -1)
}
