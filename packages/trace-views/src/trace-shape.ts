import type { TraceTree } from '@pingtrace/trace-tree'
import { allPaths, type CallPath, callPaths } from './call-paths.ts'
import { hash } from './hash.ts'

/**
 * A hash of how a trace is built, of 16 hex digits: which operations call which, whatever their
 * order, how often, and how long they take. Two clicks that did the same have the same one, and so
 * has a loop whatever the number of its rounds.
 */
export function traceShape(tree: TraceTree): string {
  const roots = callPaths(tree)
  const hashes = new Map<CallPath, string>()
  const hashOfAll = (paths: readonly CallPath[]) =>
    paths
      .map((path) => hashes.get(path)!)
      .sort()
      .join()
  // From below: what a path calls is a part of its hash.
  for (const path of allPaths(roots).reverse()) {
    const { service, name, missing, children } = path
    hashes.set(path, hash(JSON.stringify([service, name, missing, hashOfAll(children)])))
  }
  return hash(hashOfAll(roots))
}
