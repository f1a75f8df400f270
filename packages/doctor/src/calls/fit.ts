import type { Span } from '@pingtrace/otlp'
import { methodOf, ms, pathOf, processOf, rpcOf, statusOf, text } from '@pingtrace/trace-facts'
import { agree, contradict } from './addresses.ts'

/** What two hosts' clocks may differ by, for two spans still to be thought halves of one call. */
const slack = ms(100)
/** Clocks of pages and of stock SDKs are whole milliseconds, on both sides. */
const grain = ms(2)

/** Attributes that say why extraction gave nothing (packages/trace-context). */
export const extractionKey = 'propagation.extraction'
export const traceparentKey = 'propagation.traceparent'

/**
 * How well `server` can be the other side of what `client` sent. Either way nothing that both tell
 * differs, and it began while the client waited. Ends are not compared: many servers end their span
 * after the last byte has been read.
 * - `same`: both tell that the same was asked for
 * - `rewritten`: one path ends with the other, as behind a proxy that takes a prefix off, and method,
 *   status and time leave no doubt
 */
export type Fit = 'same' | 'rewritten'

export function fitOf(client: Span, server: Span): Fit | undefined {
  if (server.kind !== 'server') return undefined
  // A header that came through, however mangled, names its sender.
  if (namesTrace(server, client.traceId)) return 'same'
  if (server.start < client.start - slack || server.start > client.end + slack) return undefined
  if (differ(methodOf(client), methodOf(server))) return undefined
  if (differ(statusOf(client), statusOf(server))) return undefined
  if (contradict(client, server) || isOtherCallOfProcess(client, server)) return undefined
  const [asked, answered] = [pathOf(client), pathOf(server)]
  if (asked === undefined || answered === undefined) {
    const procedure = rpcOf(client)
    return procedure !== undefined && procedure === rpcOf(server) ? 'same' : undefined
  }
  if (asked === answered) return 'same'
  const isPlain = methodOf(server) !== undefined && statusOf(server) !== undefined
  const isShortened = isEndOf(answered, asked) || isEndOf(asked, answered)
  return isPlain && isShortened && isInside(client, server) ? 'rewritten' : undefined
}

/** Those that fit: the ones with another path only where no other does. */
export function fitting<T extends Span>(spans: readonly T[], fit: (span: T) => Fit | undefined) {
  const fits = spans.map((span) => ({ span, fit: fit(span) }))
  const best = fits.some((each) => each.fit === 'same') ? 'same' : 'rewritten'
  return { best, spans: fits.filter((each) => each.fit === best).map(({ span }) => span) }
}

/** Whether the server's span began while the client waited, as far as clocks can tell. */
export function isInside(client: Span, server: Span): boolean {
  return server.start >= client.start - grain && server.start <= client.end + grain
}

/** Whether the header that the server could not read has this trace's id in it. */
export function namesTrace(server: Span, traceId: string): boolean {
  return text(server, traceparentKey)?.toLowerCase().includes(traceId) ?? false
}

/**
 * A process seldom calls itself, and one that passes requests on asks for the same path. But replicas
 * whose resources do not tell them apart look like one process: then both must tell one address.
 */
function isOtherCallOfProcess(client: Span, server: Span): boolean {
  if (processOf(client) !== processOf(server)) return false
  const isKnown = client.resource['service.instance.id'] ?? client.resource['process.pid']
  return isKnown !== undefined || !agree(client, server) || !isInside(client, server)
}

/** `/items` of `/api/items`: whole segments. */
export function isEndOf(end: string, path: string): boolean {
  return end.startsWith('/') && end.length > 1 && path.endsWith(end)
}

function differ<T>(a: T | undefined, b: T | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b
}
