import type { ProcessClock, TraceClocks } from '@pingtrace/trace-facts'
import { formatDuration, formatOffset } from './format.ts'

/** A clock's offset, short enough for a badge: `browser clock −8 h 0 min ± 4.00 ms`. */
export function clockBadge({ service, isBrowser, offset, error }: ProcessClock): string {
  const whose = isBrowser ? `browser clock (${service})` : `${service} clock`
  const by = formatOffset(offset)
  if (error === undefined) return `${whose} ${by} or further off`
  return `${whose} ${by} ± ${formatDuration(error)}`
}

/** What the offset is made of, in a sentence. */
export function clockExplanation(clock: ProcessClock, { reference }: TraceClocks): string {
  const way = clock.offset > 0n ? 'ahead of' : 'behind'
  const than = `${way} that of ${reference?.service ?? 'the others'}`
  return `The clock of ${clock.service} is ${than}: a request cannot be received before it was sent, nor after it was answered. The offset puts the called span in the middle of its caller’s time.`
}

/** Which times are shown, and whether they should be believed. */
export function shownTimesText(isAdjusted: boolean, { skewed, clocks }: TraceClocks): string {
  if (skewed.length > 0) {
    return isAdjusted ? 'Times adjusted to one clock' : 'Times as they were sent'
  }
  return clocks.some(({ state }) => state === 'unsteady')
    ? 'Times as they were sent: the calls between these clocks contradict each other'
    : ''
}
