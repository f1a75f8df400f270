import type { ReceivedRequest, RequestOutcome } from '@pingtrace/otlp'
import { count } from '../viewer/format.ts'

export const outcomeText: Record<RequestOutcome, string> = {
  accepted: 'accepted',
  partial: 'partly accepted',
  dropped: 'not kept',
  refused: 'refused',
  retry: 'to be sent again',
  gone: 'sender went away',
}

/** How it came: `HTTP, JSON, gzip`. */
export function howText({ transport, kind, encoding, compression }: ReceivedRequest): string {
  const content = kind === 'preflight' ? undefined : encoding === 'json' ? 'JSON' : encoding
  return [transport === 'grpc' ? 'gRPC' : 'HTTP', content, compression].filter(Boolean).join(', ')
}

/** Who sent it, as far as it said: the page, or the program. */
export function senderText({ origin, sdk, userAgent, service }: ReceivedRequest): string {
  const who = origin ?? userAgent ?? 'unknown'
  return [service, sdk, who].filter(Boolean).join(' · ')
}

/** What was in it, and what became of that. */
export function contentText(request: ReceivedRequest): string {
  const { kind, acceptedSpans, rejectedSpans = 0, bytes, wireBytes, path } = request
  if (kind === 'preflight') return preflightText(request)
  const spans =
    acceptedSpans === undefined
      ? kind
      : rejectedSpans > 0
        ? `${acceptedSpans} of ${count(acceptedSpans + rejectedSpans, 'span')}`
        : count(acceptedSpans, 'span')
  const size = bytes ?? wireBytes
  return [
    path === undefined ? spans : `${spans} to ${path}`,
    size !== undefined && sizeText(size),
    bytes !== undefined && wireBytes !== bytes && wireBytes && `${sizeText(wireBytes)} as it came`,
  ]
    .filter(Boolean)
    .join(', ')
}

function preflightText({ asked }: ReceivedRequest): string {
  if (asked?.method === undefined) return 'preflight: may this page send?'
  const headers = asked.headers.length === 0 ? '' : ` with ${asked.headers.join(', ')}`
  return `preflight: may this page ${asked.method}${headers}?`
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return count(bytes, 'byte')
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1_000, 'kB'] : [bytes / 1_000_000, 'MB']
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`
}

/** Whether something of it was lost, or nothing of it was wanted. */
export function isTrouble({ outcome }: ReceivedRequest): boolean {
  return outcome !== 'accepted'
}
