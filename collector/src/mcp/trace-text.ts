import type { Span } from '@pingtrace/otlp'
import { type TraceRow, type TraceTree, unfolded, visibleRows } from '@pingtrace/trace-tree'

/** A name longer than this says nothing more to whoever reads a tree of them. */
const longestText = 120

/**
 * A trace as lines of text, which agents read with fewer tokens than JSON: the tree from the top, a
 * line a span, with its offset, duration, name, service, kind, status and id.
 * @param maxSpans lines of spans; the rest is counted
 */
export function traceText(traceId: string, tree: TraceTree, maxSpans: number): string {
  const rows = visibleRows(tree, unfolded)
  const head = [
    `trace ${traceId}`,
    `${tree.spanCount} spans, ${tree.errorCount} errors, ${milliseconds(tree.end - tree.start)}`,
    `services: ${tree.services.map((name) => quoted(name)).join(', ')}`,
    tree.missingParents > 0 ? `${tree.missingParents} parents have not arrived` : '',
  ]
  const left = rows.length - maxSpans
  return [
    ...head.filter((line) => line !== ''),
    '',
    'offset, duration, span (service, kind, span id), status',
    ...rows.slice(0, maxSpans).map((row) => spanLine(row, tree.start)),
    ...(left > 0 ? [`… and ${left} more rows: ask again with a larger maxSpans`] : []),
  ].join('\n')
}

function spanLine({ node }: TraceRow, start: bigint): string {
  const indent = '  '.repeat(Math.min(node.depth, 40))
  const { span } = node
  if (span === undefined) return `?, ?, ${indent}(a parent that has not arrived, ${node.spanId})`
  const what = `${quoted(span.name)} (${quoted(span.service)}, ${span.kind}, ${node.id})`
  const times = `+${milliseconds(span.start - start)}, ${milliseconds(span.end - span.start)}`
  return `${times}, ${indent}${what}${statusText(span)}`
}

/** Empty where all is well. */
export function statusText({ status }: Span): string {
  if (status.code !== 'error') return ''
  return status.message === '' ? ', ERROR' : `, ERROR ${quoted(status.message)}`
}

export function milliseconds(nanos: bigint): string {
  return `${Number((Number(nanos) / 1e6).toPrecision(4))} ms`
}

/** In quotes and on one line: a sender wrote it, and it must not pass for a line of ours. */
export function quoted(text: string): string {
  const short = text.length > longestText ? `${text.slice(0, longestText)}…` : text
  return JSON.stringify(short)
}
