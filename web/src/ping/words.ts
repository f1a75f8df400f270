import type { Call } from './call.ts'

export function formatDuration(millis: number): string {
  return millis < 1000 ? `${millis.toFixed(1)} ms` : `${(millis / 1000).toFixed(2)} s`
}

export function formatBytes(bytes: number): string {
  return bytes === 1 ? '1 byte' : `${bytes} bytes`
}

/** False while tracing is not running: the ids are then all zeros. */
export function isTraced({ traceId }: Call): boolean {
  return !/^0+$/.test(traceId)
}
