import type { TraceNode, TraceTree } from '@pingtrace/trace-tree'
import { type Axis, placeBar } from './axis.ts'

/** A piece of the small picture of a trace: one line high, in pixels. */
export interface MinimapPiece {
  line: number
  left: number
  width: number
  /** Undefined for errors, which have a colour of their own. */
  service: string | undefined
}

/**
 * The whole trace in a few lines of pixels, in the order of its rows. Where several spans fall on one
 * pixel the later is seen, but an error before all.
 * @param lines how many there may be; fewer are used where there are fewer spans
 */
export function minimapPieces(
  tree: TraceTree,
  axis: Axis,
  width: number,
  lines: number,
): { pieces: MinimapPiece[]; lines: number } {
  const used = Math.max(1, Math.min(lines, tree.nodes.size))
  const grid = Array.from({ length: used }, () => new Array<string | null | undefined>(width))
  let nth = 0
  for (const { span } of inOrder(tree)) {
    const line = grid[Math.floor((nth++ * used) / tree.nodes.size)]!
    if (span === undefined) continue
    const bar = placeBar(axis, span.start, span.end)
    const from = Math.min(width - 1, Math.floor((bar.left * width) / 100))
    const to = Math.max(from + 1, Math.ceil(((bar.left + bar.width) * width) / 100))
    const colour = span.status.code === 'error' ? null : span.service
    for (let x = from; x < to && x < width; x++) if (line[x] !== null) line[x] = colour
  }
  return { pieces: grid.flatMap(piecesOf), lines: used }
}

function piecesOf(pixels: readonly (string | null | undefined)[], line: number): MinimapPiece[] {
  const pieces: MinimapPiece[] = []
  for (let left = 0; left < pixels.length; ) {
    let end = left + 1
    while (end < pixels.length && pixels[end] === pixels[left]) end++
    const colour = pixels[left]
    if (colour !== undefined) {
      pieces.push({ line, left, width: end - left, service: colour ?? undefined })
    }
    left = end
  }
  return pieces
}

/** All nodes, from the top down. */
function* inOrder(tree: TraceTree): Generator<TraceNode> {
  const stack = tree.roots.toReversed()
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    yield node
    for (let index = node.children.length - 1; index >= 0; index--) {
      stack.push(node.children[index]!)
    }
  }
}
