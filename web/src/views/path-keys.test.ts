import { buildTraceTree } from '@pingtrace/trace-tree'
import { allPaths, callPaths } from '@pingtrace/trace-views'
import { expect, it } from 'vitest'
import { makeSpan } from '../viewer/span.test-support.ts'
import { downwards, pathByKey, rightwards } from './path-keys.ts'

const tree = buildTraceTree(
  [
    ['a', ''],
    ['b', 'a'],
    ['c', 'a'],
    ['d', 'c'],
    ['e', ''],
  ].map(([id, parent], start) =>
    makeSpan({ spanId: id!, parentSpanId: parent!, name: id!, startTimeUnixNano: start + 1 }),
  ),
)
const paths = allPaths(callPaths(tree))
const named = (name: string) => paths.find((path) => path.name === name)!

/** Presses keys from a path, and says where they led. */
function walk(from: string, keys: string[], directions = downwards, drawn = paths): string {
  let at = named(from)
  for (const key of keys) at = pathByKey(drawn, at, key, directions) ?? at
  return at.name
}

it('goes to children, parents and siblings, and stays where there are none', () => {
  expect(walk('a', ['ArrowDown'])).toBe('b')
  expect(walk('a', ['ArrowDown', 'ArrowRight', 'ArrowDown'])).toBe('d')
  expect(walk('d', ['ArrowUp', 'ArrowLeft'])).toBe('b')
  expect(walk('d', ['ArrowDown'])).toBe('d')
  expect(walk('a', ['ArrowRight'])).toBe('e')
  expect(walk('a', ['ArrowUp', 'ArrowLeft'])).toBe('a')
  expect(walk('d', ['Home'])).toBe('a')
})

it('goes the way that the graph grows', () => {
  expect(walk('a', ['ArrowRight', 'ArrowDown'], rightwards)).toBe('c')
  expect(walk('d', ['ArrowLeft', 'ArrowUp'], rightwards)).toBe('b')
})

it('goes to nothing that is not drawn, and leaves other keys alone', () => {
  const drawn = paths.filter(({ name }) => name !== 'b')
  expect(walk('a', ['ArrowDown'], downwards, drawn)).toBe('c')
  expect(pathByKey(paths, named('a'), 'Tab', downwards)).toBeUndefined()
})
