import { formatDuration } from '../viewer/format.ts'
import type { Call } from './call.ts'

/** As the waterfall writes it: one call must not take 131.1 ms here and 131 ms there. */
export function formatMillis(millis: number): string {
  return formatDuration(BigInt(Math.round(millis * 1e6)))
}

export function formatBytes(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`
}

/** False while tracing is not running: the ids are then all zeros. */
export function isTraced({ traceId }: Call): boolean {
  return !/^0+$/.test(traceId)
}

/**
 * Whether the newest call is worth interrupting somebody who listens to the page: always when they
 * made it themselves, of auto-ping's only when it went otherwise than the one before.
 */
export function isNews([newest, before]: readonly Call[]): boolean {
  if (newest === undefined || !newest.auto) return true
  return newest.state !== 'running' && newest.state !== before?.state
}
