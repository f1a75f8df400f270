import { buildTraceTree } from '@pingtrace/trace-tree'
import { describe, expect, it } from 'vitest'
import { makeSpan } from './span.test-support.ts'
import { createWaterfallView, isCriticalMarked } from './waterfall-view.ts'

describe('createWaterfallView', () => {
  it('looks at a section, whichever way round it was drawn, and at all again', () => {
    const view = createWaterfallView()
    view.zoom({ start: 30n, end: 10n })
    expect(view.getState().section).toEqual({ start: 10n, end: 30n })
    view.zoom({ start: 7n, end: 7n })
    expect(view.getState().section).toEqual({ start: 7n, end: 8n })
    view.zoom(undefined)
    expect(view.getState().section).toBeUndefined()
  })

  it('marks the critical path at first, but not of a giant trace, unless somebody asks', () => {
    const view = createWaterfallView()
    const marked = (spans: number) => isCriticalMarked(view.getState(), spans)
    expect([marked(6), marked(100_000)]).toEqual([true, false])
    view.markCritical(true)
    expect([marked(6), marked(100_000)]).toEqual([true, true])
    view.markCritical(false)
    expect([marked(6), marked(100_000)]).toEqual([false, false])
  })

  it('reveals a span that a rule hides', () => {
    const tree = buildTraceTree([
      makeSpan({ spanId: 'a' }),
      makeSpan({ spanId: 'b', parentSpanId: 'a' }),
    ])
    const view = createWaterfallView()
    view.fold({ collapse: 'everything' })
    view.reveal(tree.nodes.get('b')!)
    expect([...view.getState().folds.turned]).toEqual(['a'])
  })
})
