import { completenessOf } from '@pingtrace/trace-facts'
import type { TraceTree } from '@pingtrace/trace-tree'
import { type ReactNode, useDeferredValue, useMemo } from 'react'
import { completenessText, type TraceSource } from './completeness-words.ts'

interface TraceProgressProps {
  tree: TraceTree
  isQuiet: boolean
  source: TraceSource
  children: ReactNode
}

/** Whether it is all there. */
export function TraceProgress({ tree, isQuiet, source, children }: TraceProgressProps) {
  const later = useDeferredValue(tree)
  const completeness = useMemo(() => completenessOf(later, isQuiet), [later, isQuiet])
  return (
    <div className="trace-progress" data-waiting={completeness.state !== 'complete'}>
      <p>{completenessText(completeness, source)}</p>
      {children}
    </div>
  )
}
