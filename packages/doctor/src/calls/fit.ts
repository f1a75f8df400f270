import type { Span } from '@pingtrace/otlp'
import { addressOf, methodOf, ms, pathOf, processOf, statusOf, text } from '@pingtrace/trace-facts'

/** What two hosts' clocks may differ by, for two spans still to be thought halves of one call. */
const slack = ms(100)
/** Clocks of pages and of stock SDKs are whole milliseconds, on both sides. */
const grain = ms(2)

/** Attributes that our API sets where extraction gave nothing (packages/trace-context). */
export const extractionKey = 'propagation.extraction'
export const traceparentKey = 'propagation.traceparent'

/**
 * Whether `server` can be the other side of what `client` sent: nothing that both tell differs, it
 * began while the client waited, and at least what was asked for is the same. Ends are not compared:
 * many servers end their span after the last byte has been read.
 */
export function fits(client: Span, server: Span): boolean {
  if (server.kind !== 'server' || processOf(client) === processOf(server)) return false
  // A header that came through, however mangled, names its sender.
  if (namesTrace(server, client.traceId)) return true
  if (server.start < client.start - slack || server.start > client.end + slack) return false
  if (differ(methodOf(client), methodOf(server))) return false
  if (differ(statusOf(client), statusOf(server))) return false
  if (differ(addressWithPort(client), addressWithPort(server))) return false
  return sameTarget(client, server)
}

/** Whether the server's span began while the client waited, as far as clocks can tell. */
export function isInside(client: Span, server: Span): boolean {
  return server.start >= client.start - grain && server.start <= client.end + grain
}

/** Whether the header that the server could not read has this trace's id in it. */
export function namesTrace(server: Span, traceId: string): boolean {
  return text(server, traceparentKey)?.toLowerCase().includes(traceId) ?? false
}

function sameTarget(client: Span, server: Span): boolean {
  const [asked, answered] = [pathOf(client), pathOf(server)]
  if (asked !== undefined && answered !== undefined) return asked === answered
  const rpc = rpcOf(client)
  return rpc !== undefined && rpc === rpcOf(server)
}

/** `package.Service/Method`: one attribute today, two before 1.39. */
export function rpcOf(span: Span): string | undefined {
  const method = text(span, 'rpc.method')
  if (method === undefined) return undefined
  const service = text(span, 'rpc.service')
  return service === undefined || method.includes('/') ? method : `${service}/${method}`
}

/** An address without a port says too little to contradict another. */
function addressWithPort(span: Span): string | undefined {
  const address = addressOf(span)
  return address !== undefined && /:\d+$/.test(address) ? address : undefined
}

function differ<T>(a: T | undefined, b: T | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b
}
