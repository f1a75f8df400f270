import { earlier, later, type TimeRange } from './time-range.ts'
import type { TraceNode, TraceTree } from './trace-tree.ts'

/** The parts of each node's time, first to last, that are on the critical path; by node id. */
export type CriticalPath = ReadonlyMap<string, readonly TimeRange[]>

/**
 * What the end of a trace waited for: at each moment the one span that, had it been faster, would have
 * made the whole faster. The parts cover the root from its start to its end, and never overlap.
 *
 * The rule is that of Uber's CRISP and of Jaeger's viewer. From the end of a span backwards: the
 * time belongs to the child that ended last before it, then to the one that ended last before
 * that child started, and where no child ended to the span itself. Of a child that outlives its
 * parent only what lies inside the parent counts. (Zhang et al., "CRISP: Critical Path Analysis of
 * Large-Scale Microservice Architectures", USENIX ATC 2022.)
 *
 * Of several roots the longest is taken. Spans with odd times cannot be placed and are left out.
 */
export function criticalPath(tree: TraceTree): CriticalPath {
  const path = new Map<string, TimeRange[]>()
  const root = longestRoot(tree)
  if (root === undefined) return path
  const open: Visit[] = [{ node: root.node, start: root.start, end: root.end }]
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    const own: TimeRange[] = []
    let until = visit.end
    for (const child of byEnd(visit)) {
      // It went on beside what the path is already in.
      if (child.end > until) continue
      if (child.end < until) own.push({ start: child.end, end: until })
      open.push(child)
      until = child.start
    }
    if (visit.start < until) own.push({ start: visit.start, end: until })
    if (own.length > 0) path.set(visit.node.id, own.reverse())
  }
  return path
}

/** A node, and the part of its time that is looked at. */
interface Visit extends TimeRange {
  node: TraceNode
}

/** The children that lie in the parent's time, as far as they do, those that end last in front. */
function byEnd(parent: Visit): Visit[] {
  const children: Visit[] = []
  for (const node of parent.node.children) {
    if (node.span === undefined || node.oddTimes !== undefined) continue
    const start = later(node.span.start, parent.start)
    const end = earlier(node.span.end, parent.end)
    if (start < end) children.push({ node, start, end })
  }
  // Of those that end together the longest: whatever it waits for, it waited as long.
  return children.sort((a, b) =>
    a.end !== b.end ? (a.end < b.end ? 1 : -1) : a.start < b.start ? -1 : a.start > b.start ? 1 : 0,
  )
}

function longestRoot(tree: TraceTree): Visit | undefined {
  let longest: Visit | undefined
  for (const root of tree.roots) {
    for (const node of root.span === undefined ? root.children : [root]) {
      if (node.span === undefined || node.oddTimes !== undefined) continue
      const { start, end } = node.span
      if (start === end) continue
      if (longest === undefined || end - start > longest.end - longest.start) {
        longest = { node, start, end }
      }
    }
  }
  return longest
}
