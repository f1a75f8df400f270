import type { OtlpSpan } from '@pingtrace/otlp'
import { buildTraceTree } from '@pingtrace/trace-tree'
import { describe, expect, it } from 'vitest'
import { makeSpan } from './span.test-support.ts'
import { errorsOf, stepToError } from './trace-errors.ts'

const failed = { status: { code: 2 } }
const at = (spanId: string, start: number, end: number, more: OtlpSpan = {}) =>
  makeSpan({ spanId, startTimeUnixNano: `${start}`, endTimeUnixNano: `${end}`, ...more })

/** root ⟨failed⟩ ▸ a, b ⟨failed⟩ ▸ c, d ⟨failed⟩ */
const tree = buildTraceTree([
  at('r', 1, 100, failed),
  at('a', 2, 10, { parentSpanId: 'r' }),
  at('b', 20, 60, { parentSpanId: 'r', ...failed }),
  at('c', 21, 30, { parentSpanId: 'b' }),
  at('d', 40, 50, { parentSpanId: 'b', ...failed }),
])
const errors = errorsOf(tree)

describe('errorsOf', () => {
  it('lists them from the top, and says which failed first', () => {
    expect(errors.nodes.map(({ id }) => id)).toEqual(['r', 'b', 'd'])
    expect(errors.first?.id).toBe('d')
  })

  it('takes more children than a function may have arguments', () => {
    const root = tree.roots[0]!
    const children = Array.from({ length: 200_000 }, () => root.children[1]!)
    const wide = errorsOf({ ...tree, roots: [{ ...root, children }] })
    expect(wide.nodes).toHaveLength(1 + 2 * children.length)
  })

  it('dates a failure by its exception, where there is one', () => {
    const events = [{ name: 'exception', timeUnixNano: '5' }]
    const early = buildTraceTree([
      at('r', 1, 100, { ...failed, events }),
      at('b', 20, 60, { parentSpanId: 'r', ...failed }),
    ])
    expect(errorsOf(early).first?.id).toBe('r')
  })

  it('is nothing for a trace without errors', () => {
    expect(errorsOf(buildTraceTree([at('a', 1, 2)]))).toEqual({ nodes: [], first: undefined })
  })
})

describe('stepToError', () => {
  it.each([
    [undefined, 1, 'r'],
    [undefined, -1, 'd'],
    ['gone', 1, 'r'],
    ['r', 1, 'b'],
    ['d', 1, 'r'],
    ['r', -1, 'd'],
    ['a', 1, 'b'],
    ['a', -1, 'r'],
    ['c', 1, 'd'],
    ['c', -1, 'b'],
  ] as const)('from %s by %d is %s', (from, step, to) => {
    expect(stepToError(tree, errors, from, step)?.id).toBe(to)
  })

  it('is nowhere where there is none', () => {
    const none = buildTraceTree([at('a', 1, 2)])
    expect(stepToError(none, errorsOf(none), 'a', 1)).toBeUndefined()
  })
})
