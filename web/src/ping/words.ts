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
