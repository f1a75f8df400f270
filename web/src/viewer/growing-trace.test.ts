import type { TraceTree } from '@pingtrace/trace-tree'
import { describe, expect, it } from 'vitest'
import { growTrace } from './growing-trace.ts'
import { wireSpan } from './span.test-support.ts'

const spansEvent = (...ids: string[]) => ({
  event: 'spans',
  data: { resourceSpans: ids.map((spanId) => wireSpan({ spanId })) },
})

describe('growTrace', () => {
  it('makes a tree of the first spans at once', () => {
    const trees: (TraceTree | undefined)[] = []
    growTrace((tree) => trees.push(tree)).take([spansEvent('a', 'b')])
    expect(trees.map((tree) => tree?.spanCount)).toEqual([2])
  })

  it('makes fewer trees than there are events of a giant trace, and one of all of it', async () => {
    const counts: number[] = []
    await new Promise<void>((resolve) => {
      const growing = growTrace((tree) => {
        counts.push(tree?.spanCount ?? 0)
        if (tree?.spanCount === 10_000) resolve()
      })
      for (let event = 0; event < 200; event++) {
        growing.take([spansEvent(...Array.from({ length: 50 }, (_, n) => `${event}-${n}`))])
      }
    })
    expect(counts.at(-1)).toBe(10_000)
    expect(counts.length).toBeLessThan(200)
  })

  it('takes spans as protobuf, as OTLP writes them', () => {
    const trees: (TraceTree | undefined)[] = []
    // ResourceSpans > ScopeSpans > Span with a span id and the name "buy".
    const span = [18, 8, 0, 0, 0, 0, 0, 0, 0, 7, 42, 3, 98, 117, 121]
    const bytes = [10, span.length + 4, 18, span.length + 2, 18, span.length, ...span]
    const protobuf = btoa(String.fromCharCode(...bytes))
    growTrace((tree) => trees.push(tree)).take([{ event: 'spans', data: { protobuf } }])
    const [root] = trees[0]!.roots
    expect(root?.span).toMatchObject({ spanId: '0000000000000007', name: 'buy' })
  })

  it('forgets what was before a reset', () => {
    const trees: (TraceTree | undefined)[] = []
    const growing = growTrace((tree) => trees.push(tree))
    growing.take([spansEvent('a', 'b'), { event: 'reset', data: {} }])
    expect(trees).toEqual([undefined])
  })
})
