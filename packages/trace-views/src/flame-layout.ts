import type { CallPath } from './call-paths.ts'

/** A call path as a bar of the flame graph. */
export interface FlameFrame {
  path: CallPath
  /** From 0 to 1, of the graph's width. */
  left: number
  width: number
  /** From the top, 0 for a root. */
  row: number
}

export interface FlameLayout {
  /** Parents before their children. */
  frames: FlameFrame[]
  /** Paths that are too narrow to be seen, or too many; those above and beside a zoomed one not. */
  hidden: number
  rows: number
}

/** Narrower ones would be less than a pixel. */
const minWidth = 1 / 1_000
/** Bars drawn at once. */
const maxFrames = 4_000

/**
 * Lays call paths out as a flame graph with the roots on top. A bar is as wide as its path's weight,
 * so that no bar is narrower than those below it together; where nothing took any time, as its spans
 * are many. A path that is zoomed to takes the whole width, as do those that lead to it.
 */
export function layOutFlame(roots: readonly CallPath[], zoomedTo?: CallPath): FlameLayout {
  const isTimed = roots.some(({ weight }) => weight > 0n)
  const sizeOf = (path: CallPath) => (isTimed ? Number(path.weight) : path.spans)
  const way = new Set<CallPath>()
  for (let path = zoomedTo; path !== undefined; path = path.parent) way.add(path)
  const frames: FlameFrame[] = []
  let hidden = 0

  const place = (paths: readonly CallPath[], above: FlameFrame | undefined): void => {
    const row = above === undefined ? 0 : above.row + 1
    const onWay = paths.find((path) => way.has(path))
    if (onWay !== undefined) {
      frames.push({ path: onWay, left: 0, width: 1, row })
      return
    }
    const whole = above === undefined ? sumOf(paths, sizeOf) : sizeOf(above.path)
    let left = above?.left ?? 0
    for (const path of paths) {
      const width = whole === 0 ? 0 : (sizeOf(path) / whole) * (above?.width ?? 1)
      if (width < minWidth || frames.length >= maxFrames) hidden += pathsIn(path)
      else frames.push({ path, left, width, row })
      left += width
    }
  }

  place(roots, undefined)
  // Grows while it is walked: nothing recurses.
  for (const frame of frames) place(frame.path.children, frame)
  return { frames, hidden, rows: frames.reduce((rows, { row }) => Math.max(rows, row + 1), 0) }
}

function sumOf(paths: readonly CallPath[], sizeOf: (path: CallPath) => number): number {
  return paths.reduce((sum, path) => sum + sizeOf(path), 0)
}

function pathsIn(path: CallPath): number {
  const all = [path]
  for (const { children } of all) for (const child of children) all.push(child)
  return all.length
}
