import type { Span } from '@pingtrace/otlp'
import type { TraceNode } from '@pingtrace/trace-tree'
import type { Verdict } from './verdict.ts'
import { walk } from './walk.ts'

/** A trace as text that is the same however often the same thing happens. */
export function shapeOf({
  roots,
  verdict,
}: {
  roots: readonly TraceNode[]
  verdict: Verdict
}): string {
  const rows = walk(inStableOrder(roots), ({ children }) => inStableOrder(children))
  const lines = rows.map(({ node, depth }) => `${'  '.repeat(depth)}${labelOf(node)}`)
  // What is missing differs from one time to the next; that something is must fail a snapshot.
  if (verdict.kind === 'incomplete') lines.unshift('INCOMPLETE')
  return lines.join('\n')
}

/** `GET /cart [shop server] ERROR`; what stands for a parent that is not there says so. */
export function labelOf({ span }: TraceNode): string {
  if (span === undefined) return '(a span that is not there)'
  const error = span.status.code === 'error' ? ' ERROR' : ''
  return `${printable(stable(span.name))} [${printable(span.service)} ${span.kind}]${error}`
}

/** By so much (1 ms) stock OpenTelemetry JS dates spans wrongly: it anchors each on a millisecond. */
const clockGrain = 1_000_000n

/**
 * By start; but spans that ran at the same time by name, because which of them began first is
 * chance, and so is the order of those that began within one grain of the clock.
 */
export function inStableOrder(nodes: readonly TraceNode[]): TraceNode[] {
  const groups: { nodes: TraceNode[]; start: bigint; end: bigint }[] = []
  for (const node of nodes) {
    const { start, end } = timesOf(node)
    const last = groups.at(-1)
    if (last && (start < last.end - clockGrain || start - last.start < clockGrain)) {
      last.nodes.push(node)
      last.start = start
      if (end > last.end) last.end = end
    } else {
      groups.push({ nodes: [node], start, end })
    }
  }
  const byLabel = (a: TraceNode, b: TraceNode) => (labelOf(a) < labelOf(b) ? -1 : 1)
  return groups.flatMap((group) => group.nodes.sort(byLabel))
}

function timesOf({ span, children }: TraceNode): Pick<Span, 'start' | 'end'> {
  return span ?? children[0]?.span ?? { start: 0n, end: 0n }
}

/** Names are not to hold any of these, and some do. */
function stable(name: string): string {
  return name
    .replace(/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi, '<id>')
    .replace(/\b(?:[\da-f]{32}|[\da-f]{16})\b/gi, '<id>')
    .replace(/(?<=\/\/[^/\s]+):\d+/g, '')
}

/** A stranger named these spans: nothing of it may steer a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?')
}
