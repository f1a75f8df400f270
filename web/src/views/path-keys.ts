import type { CallPath } from '@pingtrace/trace-views'

/** Which arrow key leads where: the flame graph grows down, the trace graph to the right. */
export interface PathKeys {
  child: string
  parent: string
  next: string
  previous: string
}

export const downwards: PathKeys = {
  child: 'ArrowDown',
  parent: 'ArrowUp',
  next: 'ArrowRight',
  previous: 'ArrowLeft',
}

export const rightwards: PathKeys = {
  child: 'ArrowRight',
  parent: 'ArrowLeft',
  next: 'ArrowDown',
  previous: 'ArrowUp',
}

/**
 * The path that a key press goes to; where there is none that way, it stays.
 * @param drawn the paths that are to be seen, those of one caller in the order in which they stand
 * @returns undefined for a key that means nothing here
 */
export function pathByKey(
  drawn: readonly CallPath[],
  from: CallPath,
  key: string,
  keys: PathKeys,
): CallPath | undefined {
  const calledBy = (caller: CallPath | undefined) => drawn.filter(({ parent }) => parent === caller)
  if (key === 'Home') return calledBy(undefined)[0] ?? from
  if (key === keys.parent) return from.parent ?? from
  if (key === keys.child) return calledBy(from)[0] ?? from
  if (key !== keys.next && key !== keys.previous) return undefined
  const siblings = calledBy(from.parent)
  return siblings[siblings.indexOf(from) + (key === keys.next ? 1 : -1)] ?? from
}
