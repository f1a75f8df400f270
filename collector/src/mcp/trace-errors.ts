import type { Span } from '@pingtrace/otlp'
import type { TraceNode, TraceTree } from '@pingtrace/trace-tree'
import { quoted, statusText } from './trace-text.ts'

/**
 * The spans of a trace that failed, deepest first, because that is where a failure began: each with
 * the way to it from the root, and what it says of the failure.
 */
export function errorsText(tree: TraceTree): string {
  const found = failures(tree).sort((a, b) => b.path.length - a.path.length)
  if (found.length === 0) return 'No span of this trace has the status ERROR.'
  return found.map(({ span, path }) => errorText(span, path)).join('\n\n')
}

interface Failure {
  span: Span
  /** From the root to the span, both included. */
  path: TraceNode[]
}

function failures(tree: TraceTree): Failure[] {
  const found: Failure[] = []
  const stack = tree.roots.map((node) => [node])
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    const node = path.at(-1)!
    if (node.span?.status.code === 'error') found.push({ span: node.span, path })
    // A path is copied only where something below it failed.
    for (const child of node.children) {
      if (child.errorsBelow > 0 || child.span?.status.code === 'error') stack.push([...path, child])
    }
  }
  return found
}

function errorText(span: Span, path: TraceNode[]): string {
  const way = path.map(({ span: each }) => (each ? quoted(each.name) : '(missing)')).join(' > ')
  const type = span.attributes['error.type']
  const exceptions = span.events.filter(({ name }) => name === 'exception')
  return [
    `${way} (${quoted(span.service)}, ${span.kind}, ${span.spanId})${statusText(span)}`,
    ...(type === undefined ? [] : [`  error.type: ${quoted(String(type))}`]),
    ...exceptions.flatMap(({ attributes }) =>
      ['exception.type', 'exception.message', 'exception.stacktrace']
        .filter((key) => attributes[key] !== undefined)
        .map((key) => `  ${key}: ${JSON.stringify(String(attributes[key]).slice(0, 2_000))}`),
    ),
  ].join('\n')
}
