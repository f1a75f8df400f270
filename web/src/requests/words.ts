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
  const { kind, acceptedSpans, rejectedSpans = 0, bytes } = request
  if (kind === 'preflight') return 'preflight: may this page send?'
  const spans =
    acceptedSpans === undefined
      ? kind
      : rejectedSpans > 0
        ? `${acceptedSpans} of ${count(acceptedSpans + rejectedSpans, 'span')}`
        : count(acceptedSpans, 'span')
  return bytes === undefined ? spans : `${spans}, ${sizeText(bytes)}`
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

/** What to do about a refusal that has one cause; others say it themselves. */
export function adviceFor({ outcome, origin, code }: ReceivedRequest): string | undefined {
  if (outcome !== 'refused') return undefined
  if (code === 403 && origin !== undefined) {
    return 'Pages of this machine may send (localhost, 127.0.0.1, [::1]). For others, list the origin in the cors section of a configuration file (--config).'
  }
  if (code === 415) return 'Send application/x-protobuf or application/json.'
  return undefined
}
