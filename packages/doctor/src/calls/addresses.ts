import type { Span } from '@pingtrace/otlp'
import { addressOf } from '@pingtrace/trace-facts'

interface Address {
  host: string
  port: string | undefined
}

/**
 * Whether the two sides tell of different servers. A proxy hides the server's own name and port from
 * the caller, so that a public name on one side and an internal one on the other say nothing; two
 * public names, two internal ones, or two ports of one host do.
 */
export function contradict(client: Span, server: Span): boolean {
  const [called, own] = [addressIn(client), addressIn(server)]
  if (called === undefined || own === undefined) return false
  const differsInPort =
    called.port !== undefined && own.port !== undefined && called.port !== own.port
  if (called.host === own.host) return differsInPort && !/^(80|443)$/.test(called.port ?? '')
  const kinds = [kindOf(called.host), kindOf(own.host)]
  if (kinds[0] === kinds[1] && kinds[0] !== 'number') return true
  return differsInPort && !kinds.includes('public')
}

/** Whether both sides tell the same host, and the same port. */
export function agree(client: Span, server: Span): boolean {
  const address = addressOf(client)
  return address !== undefined && /:\d+$/.test(address) && address === addressOf(server)
}

function addressIn(span: Span): Address | undefined {
  const address = addressOf(span)
  const [, host, port] = /^(.*?)(?::(\d+))?$/.exec(address ?? '') ?? []
  return host ? { host, port } : undefined
}

/** `number` is an IP address, or the machine itself: what has such a one has names as well. */
function kindOf(host: string): 'public' | 'internal' | 'number' {
  if (host === 'localhost' || /^[\d.]+$|:/.test(host)) return 'number'
  if (!host.includes('.')) return 'internal'
  return /\.(local|internal|localhost|svc|lan|home\.arpa)$/.test(host) ? 'internal' : 'public'
}
