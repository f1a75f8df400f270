import type { DurationStats, ServiceMapResult, ServiceNode, TimeSteps } from '@pingtrace/otlp'
import type { SearchState } from '../explorer/search-store.ts'
import { partialText } from '../explorer/words.ts'
import { durationText, percentText } from '../operations/words.ts'
import { count } from '../viewer/format.ts'

/** How often, in the unit that makes it a number from one on; counts alone where there was one moment. */
export function rateText({ count: calls }: DurationStats, { from, to }: TimeSteps): string {
  const seconds = (to - from) / 1_000
  if (seconds <= 1 || calls === 0) return count(calls, 'call')
  for (const [unit, length] of [
    ['s', 1],
    ['min', 60],
    ['h', 3_600],
    ['day', 86_400],
  ] as const) {
    const rate = (calls / seconds) * length
    if (rate < 1 && unit !== 'day') continue
    return `${rate < 10 ? rate.toFixed(1) : rate.toFixed(0)}/${unit}`
  }
  return count(calls, 'call')
}

/** For where there is room for what is wrong alone: empty when nothing failed. */
export function failedText(stats: DurationStats): string {
  return stats.errorCount === 0 ? '' : `${percentText(stats)} failed`
}

export function latencyText({ p50Nano, p95Nano }: DurationStats): string {
  return `p50 ${durationText(p50Nano)}, p95 ${durationText(p95Nano)}`
}

export const kindText: Record<ServiceNode['kind'], string> = {
  service: 'service',
  database: 'database',
  messaging: 'messaging',
  external: 'sends no spans',
}

/** What is mapped, and whether that is all. */
export function mapText({ searching, result }: SearchState<ServiceMapResult>): string {
  if (searching) return 'Looking…'
  if (result === undefined) return ''
  const { nodes, examined, unmapped, partial } = result
  const services = count(nodes.filter(({ kind }) => kind === 'service').length, 'service')
  const rest = unmapped > 0 ? `; ${count(unmapped, 'call')} had no room` : ''
  const all = `${services} in ${count(examined, 'trace')}${rest}`
  return partial === undefined ? all : `${all}, ${partialText[partial]}`
}
