import { makeSpan } from '@pingtrace/otlp/test-support'
import { buildTraceTree } from '@pingtrace/trace-tree'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anySpans } from './arbitrary-trace.test-support.ts'
import { allPaths, callPaths } from './call-paths.ts'
import { layOutFlame } from './flame-layout.ts'
import { traceShape } from './trace-shape.ts'
import { walk } from './walk.ts'

const root = makeSpan({ spanId: 'a', name: 'GET', start: 100n, end: 200n, service: 'web' })
const find = (spanId: string, start: bigint, end: bigint, parentSpanId = 'a') =>
  makeSpan({ spanId, parentSpanId, name: 'find', start, end })
const save = makeSpan({ spanId: 'z', parentSpanId: 'a', name: 'save', start: 180n, end: 190n })

const pathsOf = (...spans: ReturnType<typeof makeSpan>[]) => callPaths(buildTraceTree(spans))

describe('callPaths', () => {
  it('merges what was called in the same way, and nothing else', () => {
    const paths = pathsOf(
      root,
      find('b', 110n, 120n),
      find('c', 120n, 140n),
      find('d', 125n, 130n, 'c'),
    )
    expect(
      allPaths(paths).map(({ name, depth, count, total, self, weight, spans }) => ({
        name,
        depth,
        count,
        total,
        self,
        weight,
        spans,
      })),
    ).toEqual([
      { name: 'GET', depth: 0, count: 1, total: 100n, self: 70n, weight: 100n, spans: 4 },
      { name: 'find', depth: 1, count: 2, total: 30n, self: 25n, weight: 30n, spans: 3 },
      { name: 'find', depth: 2, count: 1, total: 5n, self: 5n, weight: 5n, spans: 1 },
    ])
  })

  it('gives missing parents a path of their own, which no service has', () => {
    const [path] = pathsOf(find('b', 1n, 2n, 'gone'), find('c', 1n, 2n, 'gone too'))
    expect(path).toMatchObject({ missing: true, count: 0, service: '' })
    expect(path!.children).toMatchObject([{ name: 'find', count: 2 }])
  })

  it('holds each span once, counts each time once, and has ids that are never the same', () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const tree = buildTraceTree(spans)
        const paths = allPaths(callPaths(tree))
        const nodes = paths.flatMap((path) => path.nodes)
        expect(new Set(nodes)).toEqual(new Set(walk(tree)))
        expect(nodes.length).toBe([...walk(tree)].length)
        expect(new Set(paths.map(({ id }) => id)).size).toBe(paths.length)
        const weights = callPaths(tree).reduce((sum, { weight }) => sum + weight, 0n)
        expect(weights).toBe(paths.reduce((sum, { self }) => sum + self, 0n))
      }),
    )
  })
})

describe('layOutFlame', () => {
  it('makes bars as wide as the time below them, within their parents', () => {
    const paths = pathsOf(root, find('b', 110n, 120n), find('c', 110n, 150n), save)
    // Parallel calls are work that was done at once: 10 and 40 of find, 10 of save, 50 of GET.
    const { frames, rows, hidden } = layOutFlame(paths)
    expect(frames.map(({ path, left, width, row }) => [path.name, left, width, row])).toEqual([
      ['GET', 0, 1, 0],
      ['find', 0, 50 / 110, 1],
      ['save', 50 / 110, 10 / 110, 1],
    ])
    expect({ rows, hidden }).toEqual({ rows: 2, hidden: 0 })
  })

  it('zooms to a path, under those that lead to it', () => {
    const paths = pathsOf(root, find('b', 110n, 120n), find('c', 112n, 115n, 'b'), save)
    const zoomed = layOutFlame(paths, paths[0]!.children[0])
    expect(zoomed.frames.map(({ path, width }) => [path.name, width])).toEqual([
      ['GET', 1],
      ['find', 1],
      ['find', 0.3],
    ])
  })

  it('draws what took no time by the number of its spans', () => {
    const at = { start: 5n, end: 5n }
    const paths = pathsOf({ ...root, ...at }, find('b', 5n, 5n), find('c', 5n, 5n), {
      ...save,
      ...at,
    })
    expect(layOutFlame(paths).frames.map(({ width }) => width)).toEqual([1, 0.5, 0.25])
  })

  it('keeps each bar within its parent, clear of its neighbours, or counts it as hidden', () => {
    fc.assert(
      fc.property(anySpans, fc.nat(), (spans, place) => {
        const paths = callPaths(buildTraceTree(spans))
        const all = allPaths(paths)
        const zoomed = place % 2 === 0 ? undefined : all[place % Math.max(all.length, 1)]
        const { frames, hidden } = layOutFlame(paths, zoomed)
        if (zoomed === undefined) expect(frames.length + hidden).toBe(all.length)
        const frameOf = new Map(frames.map((frame) => [frame.path, frame]))
        const ends = new Map<number, number>()
        for (const { path, left, width, row } of frames) {
          const parent = path.parent && frameOf.get(path.parent)
          expect(left).toBeGreaterThanOrEqual((parent?.left ?? 0) - 1e-9)
          expect(left + width).toBeLessThanOrEqual((parent ? parent.left + parent.width : 1) + 1e-9)
          expect(left).toBeGreaterThanOrEqual((ends.get(row) ?? 0) - 1e-9)
          ends.set(row, left + width)
        }
      }),
    )
  })

  it('takes a chain of ten thousand calls, and no more bars than can be drawn', () => {
    const chain = Array.from({ length: 10_000 }, (_, i) =>
      makeSpan({
        spanId: `${i}`,
        parentSpanId: i === 0 ? undefined : `${i - 1}`,
        start: 1n,
        end: 9n,
      }),
    )
    const { frames, hidden } = layOutFlame(pathsOf(...chain))
    expect(frames.length).toBeLessThan(10_000)
    expect(frames.length + hidden).toBe(10_000)
  })
})

describe('traceShape', () => {
  it('is the same whatever the ids, times, order and repetitions', () => {
    const again = [
      { ...root, spanId: 'x', start: 1n, end: 5n },
      makeSpan({ spanId: 'y', parentSpanId: 'x', name: 'save', start: 1n }),
      ...[2n, 3n, 4n].map((start) => find(`f${start}`, start, start, 'x')),
    ]
    expect(traceShape(buildTraceTree(again))).toBe(
      traceShape(buildTraceTree([root, find('b', 110n, 120n), save])),
    )
  })

  it('is another where another operation is called, or from elsewhere', () => {
    const shapes = [
      [root, find('b', 110n, 120n), save],
      [root, find('b', 110n, 120n)],
      [root, find('b', 110n, 120n), { ...save, parentSpanId: 'b' }],
      [root, find('b', 110n, 120n), { ...save, service: 'web' }],
      [find('b', 110n, 120n), save],
      [],
    ].map((spans) => traceShape(buildTraceTree(spans)))
    expect(new Set(shapes).size).toBe(shapes.length)
    for (const shape of shapes) expect(shape).toMatch(/^[0-9a-f]{16}$/)
  })
})
