import { buildTraceTree } from '@pingtrace/trace-tree'
import { describe, expect, it } from 'vitest'
import { makeAxis } from './axis.ts'
import { minimapPieces } from './minimap.ts'
import { makeSpan } from './span.test-support.ts'

const span = (spanId: string, start: number, end: number, more = {}, service?: string) =>
  makeSpan({ spanId, startTimeUnixNano: start, endTimeUnixNano: end, ...more }, service)

describe('minimapPieces', () => {
  it('has a line for each of a few spans, in the order of the rows', () => {
    const tree = buildTraceTree([
      span('c', 50, 100, { parentSpanId: 'a', status: { code: 2 } }, 'db'),
      span('a', 1, 101, {}, 'web'),
      span('b', 11, 31, { parentSpanId: 'a' }, 'api'),
    ])
    expect(minimapPieces(tree, makeAxis(1n, 101n), 100, 40)).toEqual({
      lines: 3,
      pieces: [
        { line: 0, left: 0, width: 100, service: 'web' },
        { line: 1, left: 10, width: 20, service: 'api' },
        { line: 2, left: 49, width: 50, service: undefined },
      ],
    })
  })

  it('keeps an error in sight when thousands of spans fall on its pixel', () => {
    const many = Array.from({ length: 5_000 }, (_, n) =>
      span(`${n}`, 1 + n, 2 + n, n === 2_500 ? { status: { code: 2 } } : {}),
    )
    const { pieces, lines } = minimapPieces(buildTraceTree(many), makeAxis(1n, 5_001n), 100, 10)
    expect(lines).toBe(10)
    expect(pieces.filter(({ service }) => service === undefined)).toEqual([
      { line: 5, left: 50, width: 1, service: undefined },
    ])
  })

  it('draws a trace without any time', () => {
    const tree = buildTraceTree([span('a', 5, 5)])
    expect(minimapPieces(tree, makeAxis(5n, 5n), 100, 10).pieces).toEqual([
      { line: 0, left: 0, width: 1, service: 'pingtrace-api' },
    ])
  })
})
