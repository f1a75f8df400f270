import type { TraceNode } from '@pingtrace/trace-tree'
import { labelOf, printable } from '../shape.ts'
import { walk } from '../walk.ts'
import type { Mismatch } from './match-trees.ts'
import { type SpanTree, show } from './span-pattern.ts'

/** What is wrong, then both trees with the places marked: `-` missing, `+` unexpected, `!` different. */
export function describeMismatch(
  mismatch: Mismatch,
  expected: readonly SpanTree[],
  actual: readonly TraceNode[],
): string {
  const { missing, unexpected, different } = mismatch
  const place = (under: TraceNode | undefined) =>
    under === undefined ? 'at the top' : `under ${labelOf(under)}`
  const marks = new Map<SpanTree | TraceNode, string>([
    ...missing.map((each) => [each.expected, '-'] as const),
    ...unexpected.map(({ node }) => [node, '+'] as const),
    ...different.flatMap((each) => [[each.node, '!'] as const, [each.expected, '!'] as const]),
  ])
  return [
    ...missing.map((each) => `missing ${place(each.under)}: ${labelOfExpected(each.expected)}`),
    ...unexpected.map(({ node, under }) => `unexpected ${place(under)}: ${labelOf(node)}`),
    ...different.map(
      ({ node, how }) => `different: ${labelOf(node)}: ${printable(how.join(', '))}`,
    ),
    '',
    'expected:',
    ...draw(expected, labelOfExpected, ({ children = [] }) => children, marks),
    '',
    'actual:',
    ...draw(actual, labelOf, ({ children }) => children, marks),
  ].join('\n')
}

function draw<Node extends SpanTree | TraceNode>(
  nodes: readonly Node[],
  label: (node: Node) => string,
  below: (node: Node) => readonly Node[],
  marks: ReadonlyMap<SpanTree | TraceNode, string>,
): string[] {
  return walk(nodes, below).map(
    ({ node, depth }) => `${marks.get(node) ?? ' '} ${'  '.repeat(depth)}${label(node)}`,
  )
}

function labelOfExpected({ name, service, kind, error, attributes }: SpanTree): string {
  const what = [service, kind].filter((each) => each !== undefined).join(' ')
  const rest = Object.entries(attributes ?? {}).map(([key, value]) => `${key}=${show(value)}`)
  const status = error ? ` ERROR${typeof error === 'string' ? ` ${error}` : ''}` : ''
  return printable(
    `${name}${what && ` [${what}]`}${status}${rest.length > 0 ? `  ${rest.join(' ')}` : ''}`,
  )
}
