import type { Span } from '@pingtrace/otlp'
import { makeSpan } from '@pingtrace/otlp/test-support'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { buildTraceTree, distinctSpans, type TraceNode, type TraceTree } from './index.ts'

function allNodes(tree: TraceTree): TraceNode[] {
  const nodes: TraceNode[] = []
  const open = [...tree.roots]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    nodes.push(node)
    open.push(...node.children)
    // A cycle in the output would never end; this many nodes cannot be.
    if (nodes.length > 100_000) throw new Error('the tree has a cycle')
  }
  return nodes
}

/** Names and nesting, one line a node: what a person would draw. */
function outline(tree: TraceTree): string[] {
  const lines: string[] = []
  const draw = (node: TraceNode): void => {
    const marks = `${node.conflicting ? ' !' : ''}${node.cyclic ? ' @' : ''}`
    lines.push(`${'  '.repeat(node.depth)}${node.span?.name ?? `(${node.id})`}${marks}`)
    node.children.forEach(draw)
  }
  tree.roots.forEach(draw)
  return lines
}

describe('buildTraceTree', () => {
  const click = makeSpan({ spanId: 'a', name: 'click', start: 100n, end: 200n, service: 'web' })
  const ping = makeSpan({ spanId: 'b', parentSpanId: 'a', name: '/ping', start: 110n, end: 190n })
  const redis = makeSpan({ spanId: 'c', parentSpanId: 'b', name: 'redis', start: 120n, end: 130n })
  const mongo = makeSpan({ spanId: 'd', parentSpanId: 'b', name: 'mongo', start: 120n, end: 250n })

  it('nests children under their parents, siblings by start and then by id', () => {
    const tree = buildTraceTree([mongo, redis, click, ping])
    expect(outline(tree)).toEqual(['click', '  /ping', '    redis', '    mongo'])
    expect(tree).toMatchObject({ start: 100n, end: 250n, spanCount: 4, missingParents: 0 })
    expect(tree.services).toEqual(['web', 'api'])
    expect(tree.roots[0]).toMatchObject({ depth: 0, descendants: 3 })
  })

  it('is empty for no spans', () => {
    expect(buildTraceTree([])).toMatchObject({ roots: [], start: 0n, end: 0n, spanCount: 0 })
  })

  it('holds the place of a parent that has not arrived, and fills it when it does', () => {
    const early = buildTraceTree([mongo, redis])
    expect(outline(early)).toEqual(['(b)', '  redis', '  mongo'])
    expect(early).toMatchObject({ missingParents: 1, spanCount: 2 })
    expect(outline(buildTraceTree([mongo, redis, ping]))).toEqual([
      '(a)',
      '  /ping',
      '    redis',
      '    mongo',
    ])
  })

  it('counts errors, and what a collapsed row would hide', () => {
    const failed: Span = { ...redis, status: { code: 'error', message: 'refused' } }
    const tree = buildTraceTree([click, ping, failed, mongo])
    expect(tree.errorCount).toBe(1)
    expect(tree.roots[0]).toMatchObject({ descendants: 3, errorsBelow: 1 })
  })

  it('takes the same span sent twice as one, in whatever order its attributes are', () => {
    const first = { ...redis, attributes: { a: 1n, b: [true, null] } }
    const again = { ...redis, attributes: { b: [true, null], a: 1n } }
    expect(buildTraceTree([first, again])).toMatchObject({ spanCount: 1, conflicts: 0 })
  })

  it.each([
    ['an integer and a double', 1n, 1],
    ['an integer and a text', 1n, '1n'],
    ['an integer and a map', 1n, { int: '1' }],
    ['a map and a list of pairs', { a: 1 }, [['a', 1]]],
    ['two numbers that JSON cannot write', Number.NaN, Number.POSITIVE_INFINITY],
    ['an empty value and one that JSON cannot write', null, Number.NaN],
  ])('tells %s apart', (_what, a, b) => {
    const versions = [a, b].map((value) => ({ ...redis, attributes: { value } }))
    expect(buildTraceTree(versions).spanCount).toBe(2)
  })

  it('keeps both versions of an id, flags them, and hangs children under the earlier', () => {
    const other = { ...ping, name: '/pong', start: 105n }
    const tree = buildTraceTree([click, ping, other, redis])
    expect(outline(tree)).toEqual(['click', '  /pong !', '    redis', '  /ping !'])
    expect(tree).toMatchObject({ spanCount: 4, conflicts: 1 })
    expect(allNodes(tree).map((node) => node.id)).toContain('b~2')
  })

  it('takes thousands of versions of one id', () => {
    const versions = Array.from({ length: 5_000 }, (_, i) => ({ ...redis, name: `${i}` }))
    const sent = [...versions, ...versions]
    expect(distinctSpans(sent)).toEqual(versions)
    const tree = buildTraceTree(sent)
    expect(tree).toMatchObject({ spanCount: versions.length, conflicts: 1 })
    const names = allNodes(tree).flatMap(({ span }) => span?.name ?? [])
    expect(names.sort()).toEqual(versions.map(({ name }) => name).sort())
  })

  it('cuts a loop at its earliest span', () => {
    const loop = [
      makeSpan({ spanId: 'x', parentSpanId: 'z', name: 'x', start: 3n }),
      makeSpan({ spanId: 'y', parentSpanId: 'x', name: 'y', start: 1n }),
      makeSpan({ spanId: 'z', parentSpanId: 'y', name: 'z', start: 2n }),
      makeSpan({ spanId: 'tail', parentSpanId: 'x', name: 'tail', start: 0n }),
    ]
    const tree = buildTraceTree(loop)
    expect(outline(tree)).toEqual(['y @', '  z', '    x', '      tail'])
    expect(tree.cycles).toBe(1)
  })

  it('draws a span that is its own parent as a root', () => {
    const self = makeSpan({ spanId: 'x', parentSpanId: 'x', name: 'self' })
    expect(outline(buildTraceTree([self, { ...self, name: 'other' }]))).toEqual([
      'other ! @',
      'self ! @',
    ])
  })

  it('leaves times that were left out of the range, and takes an end before its start', () => {
    const tree = buildTraceTree([
      { ...click, end: 50n },
      { ...ping, start: 0n, end: 0n },
    ])
    expect(tree).toMatchObject({ start: 50n, end: 100n })
  })

  it('builds a chain of ten thousand spans', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) =>
      makeSpan({
        spanId: `${index}`,
        parentSpanId: index === 0 ? undefined : `${index - 1}`,
        start: BigInt(index),
      }),
    )
    const nodes = allNodes(buildTraceTree(chain.reverse()))
    expect(nodes).toHaveLength(10_000)
    expect(Math.max(...nodes.map((node) => node.depth))).toBe(9_999)
  })
})

describe('buildTraceTree, for any spans in any order', () => {
  // Few ids, so that cycles, duplicates, conflicts and missing parents all come often.
  const ids = fc.constantFrom('0a', '0b', '0c', '0d', '0e', '0f')
  const anySpan = fc
    .record({
      spanId: ids,
      parentSpanId: fc.option(ids, { nil: undefined }),
      name: fc.constantFrom('one', 'two'),
      start: fc.bigInt({ min: 0n, max: 5n }),
      end: fc.bigInt({ min: 0n, max: 5n }),
      service: fc.constantFrom('web', 'api'),
    })
    .map(makeSpan)
  const anySpans = fc.array(anySpan, { maxLength: 12 })
  const shuffled = anySpans.chain((spans) =>
    fc.tuple(
      fc.constant(spans),
      fc.shuffledSubarray(spans, { minLength: spans.length, maxLength: spans.length }),
    ),
  )

  it('gives the same tree for every order of arrival', () => {
    fc.assert(
      fc.property(shuffled, ([spans, others]) => {
        expect(buildTraceTree(others)).toEqual(buildTraceTree(spans))
      }),
    )
  })

  it('holds every distinct span exactly once, under unique ids, without cycles', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const tree = buildTraceTree(spans)
        const nodes = allNodes(tree)
        const held = nodes.flatMap((node) => node.span ?? [])
        expect(new Set(held)).toEqual(new Set(distinctSpans(spans)))
        expect(held).toHaveLength(tree.spanCount)
        expect(new Set(nodes.map((node) => node.id)).size).toBe(nodes.length)
      }),
    )
  })

  it('has placeholders exactly for the parents that are absent', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const present = new Set(spans.map((span) => span.spanId))
        const absent = spans.flatMap(({ parentSpanId }) =>
          parentSpanId === undefined || present.has(parentSpanId) ? [] : parentSpanId,
        )
        const placeholders = allNodes(buildTraceTree(spans)).filter((node) => !node.span)
        expect(placeholders.map((node) => node.id).sort()).toEqual([...new Set(absent)].sort())
        expect(placeholders.every((node) => node.depth === 0)).toBe(true)
      }),
    )
  })

  it('puts each span under the parent it names, unless its loop was cut there', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const tree = buildTraceTree(spans)
        for (const node of allNodes(tree)) {
          for (const child of node.children) {
            expect(child.span?.parentSpanId).toBe(node.spanId)
            expect(child).toMatchObject({ depth: node.depth + 1, cyclic: false })
          }
        }
        for (const root of tree.roots) {
          expect(root.span?.parentSpanId === undefined).toBe(!root.cyclic)
          if (root.cyclic) expect(descendsFromItself(root, tree)).toBe(true)
        }
      }),
    )
  })

  /** A cut is only rightful where the named parent is the span itself or below it. */
  function descendsFromItself(root: TraceNode, tree: TraceTree): boolean {
    const below = allNodes({ ...tree, roots: [root] }).map((node) => node.spanId)
    return below.includes(root.span!.parentSpanId!)
  }
})
