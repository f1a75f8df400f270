import { methodOf, pathOf, rpcOf, statusOf, text } from '@pingtrace/trace-facts'
import { duration, shown } from '../report-text.ts'
import { extractionKey, traceparentKey } from './fit.ts'
import type { TornCall } from './torn-calls.ts'

/** What shows that both halves belong together, and why they came apart. */
export function callEvidence({
  client,
  server,
  candidates,
  fit,
}: TornCall): Record<string, string> {
  const extraction = text(server, extractionKey)
  const traceparent = text(server, traceparentKey)
  const status = statusOf(client)
  return {
    request: shown([methodOf(client), pathOf(client) ?? rpcOf(client)].filter(Boolean).join(' ')),
    ...(fit === 'rewritten' && { 'request as the server had it': shown(pathOf(server)) }),
    ...(status === undefined ? {} : { 'http.response.status_code': String(status) }),
    'server began after the client': duration(server.start - client.start),
    'client waited': duration(client.end - client.start),
    'server’s trace': server.traceId,
    ...(extraction === undefined ? {} : { [extractionKey]: shown(extraction) }),
    ...(traceparent === undefined ? {} : { [traceparentKey]: shown(traceparent, 130) }),
    ...(candidates.length > 1 ? { 'spans that fit': String(candidates.length) } : {}),
  }
}

/** `client operation of pingtrace-web`, quoted where a sentence needs it. */
export function nameOf({ name, service }: { name: string; service: string }): string {
  return `“${shown(name, 60)}” of ${shown(service, 40)}`
}
