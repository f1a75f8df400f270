import type { CallPhase, NetworkGap } from '@pingtrace/trace-facts'
import { formatDuration } from './format.ts'

/** What each phase of a call is, for people. */
export const phaseText: Record<CallPhase, string> = {
  page: 'in the page',
  queue: 'waiting in the browser',
  dns: 'DNS',
  connect: 'TCP connection',
  tls: 'TLS',
  preflight: 'preflight, or waiting for a connection',
  request: 'request on its way',
  wait: 'request, server, first byte',
  server: 'server',
  response: 'first byte on its way',
  download: 'download',
  unknown: 'unknown',
}

/** The phases of a call with how long each took in all, in the order in which they first come. */
export function phaseTotals({ segments }: NetworkGap): [phase: CallPhase, nanos: bigint][] {
  const totals = new Map<CallPhase, bigint>()
  for (const { phase, start, end } of segments) {
    totals.set(phase, (totals.get(phase) ?? 0n) + end - start)
  }
  return [...totals]
}

/** What is left of a call when the server's time is taken off, in a sentence. */
export function betweenText({ between }: NetworkGap): string | undefined {
  if (between === undefined) return undefined
  if (between >= 0n) {
    return `Between the two sides: ${formatDuration(between)}, the caller’s time without the server’s.`
  }
  return `The server worked ${formatDuration(-between)} longer than its caller waited.`
}

/** Why something is unknown; undefined where nothing is. */
export function unknownText(gap: NetworkGap): string | undefined {
  if (gap.isServerElsewhere) {
    return 'By these clocks the server’s span lies outside of this call, so its place in it is not known; how long each took is.'
  }
  if (!gap.segments.some(({ phase }) => phase === 'unknown')) return undefined
  if (gap.reason !== undefined) return `Unknown: ${gap.reason}.`
  return 'Unknown: the caller does not tell what its time went into.'
}
