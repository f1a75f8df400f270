import type { TraceNode } from '@pingtrace/trace-tree'
import type { Verdict } from './verdict.ts'
import { walk } from './walk.ts'

/**
 * A trace as text that is the same however often the same thing happens. Siblings are in alphabetical
 * order: those of a millisecond or less begin in any order, as far as clocks can tell.
 */
export function shapeOf({
  roots,
  verdict,
}: {
  roots: readonly TraceNode[]
  verdict: Verdict
}): string {
  const texts = textsOf(roots)
  const inOrder = (nodes: readonly TraceNode[]) =>
    nodes.toSorted((a, b) => (texts.get(a)! < texts.get(b)! ? -1 : 1))
  const rows = walk(inOrder(roots), ({ children }) => inOrder(children))
  const lines = rows.map(({ node, depth }) => `${'  '.repeat(depth)}${labelOf(node)}`)
  // What is missing differs from one time to the next; that something is must fail a snapshot.
  if (verdict.kind === 'incomplete') lines.unshift('INCOMPLETE')
  return lines.join('\n')
}

/** Of each span all that is below it: equal names are told apart by what they caused. */
function textsOf(roots: readonly TraceNode[]): Map<TraceNode, string> {
  const texts = new Map<TraceNode, string>()
  // Children before their parents.
  for (const { node } of walk(roots, ({ children }) => children).reverse()) {
    const below = node.children.map((child) => texts.get(child)!).sort()
    texts.set(
      node,
      below.reduce((text, child) => `${text}(${child})`, labelOf(node)),
    )
  }
  return texts
}

/** `GET /cart [shop server] ERROR`; what stands for a parent that is not there says so. */
export function labelOf({ span }: TraceNode): string {
  if (span === undefined) return '(a span that is not there)'
  const error = span.status.code === 'error' ? ' ERROR' : ''
  return `${printable(stable(span.name))} [${printable(span.service)} ${span.kind}]${error}`
}

const anId =
  /\b(?:[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}|[\da-f]{32}|[\da-f]{16})\b/gi
/** Behind a host: after `//`, an address or a name with dots, or a bare name and four digits or five. */
const aPort =
  /(?<=\/\/[^/\s]+|(?:^|[\s(@,=])(?:localhost|\[[\da-f:.]+\]|[\w-]+(?:\.[\w-]+)+)):\d{2,5}(?![\w:.])|(?<=(?:^|[\s(@,=])[a-z][\w-]*):\d{4,5}(?![\w:.])/gi
const aDuration = /(?<![\w.])\d+(?:\.\d+)?\s?(?:ns|[µμu]s|ms|s|sec|seconds?|min|minutes?)(?!\w)/g

/** Names are not to hold any of these, and some do. */
function stable(name: string): string {
  return name.replace(anId, '<id>').replace(aPort, '').replace(aDuration, '<time>')
}

/** A stranger named these spans: nothing of it may steer a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?')
}
