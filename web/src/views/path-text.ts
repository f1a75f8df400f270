import type { CallPath } from '@pingtrace/trace-views'
import { count, formatDuration } from '../viewer/format.ts'
import { plainName } from '../viewer/visible-text.ts'

/** What stands on a call path. */
export function pathTitle({ missing, name }: CallPath): string {
  return missing ? '(missing parent)' : name
}

/** `35.2 %` of all the time that was spent; nothing where no time was. */
export function shareText(part: bigint, whole: bigint): string {
  return whole === 0n ? '' : `${Number((part * 1_000n) / whole) / 10} %`
}

/** A call path in one sentence, for those who cannot see where it stands. */
export function pathLabel(path: CallPath): string {
  const parts = [
    plainName(pathTitle(path)),
    path.missing ? '' : plainName(path.service),
    count(path.count, 'span'),
    path.errors > 0 ? count(path.errors, 'error') : '',
    `${formatDuration(path.total)} in all`,
    `${formatDuration(path.self)} of its own`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}
