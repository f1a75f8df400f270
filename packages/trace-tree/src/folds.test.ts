import { makeSpan } from '@pingtrace/otlp/test-support'
import { describe, expect, it } from 'vitest'
import {
  buildTraceTree,
  type Folds,
  foldAll,
  oneLevelLess,
  oneLevelMore,
  reveal,
  turn,
  unfolded,
  visibleRows,
} from './index.ts'

const failed = { code: 'error', message: '' } as const
const tree = buildTraceTree([
  makeSpan({ spanId: 'a', start: 1n }),
  makeSpan({ spanId: 'b', parentSpanId: 'a', start: 2n }),
  makeSpan({ spanId: 'c', parentSpanId: 'b', start: 3n, status: failed }),
  makeSpan({ spanId: 'd', parentSpanId: 'a', start: 4n }),
  makeSpan({ spanId: 'e', parentSpanId: 'd', start: 5n }),
])
const shown = (folds: Folds): string =>
  visibleRows(tree, folds)
    .map(({ node }) => node.id)
    .join('')

describe('folds', () => {
  it.each([
    ['abcde', { collapse: 'nothing' }],
    ['a', { collapse: 'everything' }],
    ['a', { collapse: 'from', depth: 0 }],
    ['abd', { collapse: 'from', depth: 1 }],
    ['abcd', { collapse: 'error-free' }],
  ] as const)('shows %s with a rule', (expected, rule) => {
    expect(shown(foldAll(rule))).toBe(expected)
  })

  it('turns one node against the rule, and back', () => {
    const turned = turn(foldAll({ collapse: 'everything' }), 'a')
    expect(shown(turned)).toBe('abd')
    expect(shown(turn(turned, 'a'))).toBe('a')
    expect(shown(turn(unfolded, 'b'))).toBe('abde')
  })

  it('goes a level at a time, and no further than there are levels', () => {
    const levels: string[] = []
    let folds = unfolded
    const step = (next: typeof oneLevelLess): void => {
      const rule = next(visibleRows(tree, folds))
      if (rule !== undefined) folds = foldAll(rule)
      levels.push(shown(folds))
    }
    for (let i = 0; i < 3; i++) step(oneLevelLess)
    for (let i = 0; i < 3; i++) step(oneLevelMore)
    expect(levels).toEqual(['abd', 'a', 'a', 'abd', 'abcde', 'abcde'])
  })

  it('reveals a node and nothing else', () => {
    const all = foldAll({ collapse: 'everything' })
    expect(shown(reveal(all, tree.nodes.get('e')!))).toBe('abde')
    expect(reveal(unfolded, tree.nodes.get('e')!)).toBe(unfolded)
  })

  it('holds for what arrives later', () => {
    const grown = buildTraceTree([
      ...[...tree.nodes.values()].flatMap(({ span }) => span ?? []),
      makeSpan({ spanId: 'f', parentSpanId: 'b', start: 6n }),
    ])
    const rows = visibleRows(grown, foldAll({ collapse: 'from', depth: 1 }))
    expect(rows.map(({ node }) => node.id)).toEqual(['a', 'b', 'd'])
  })
})
