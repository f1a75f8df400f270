import type { TraceNode, TraceTree } from '@pingtrace/trace-tree'
import { useDeferredValue, useMemo, useState } from 'react'
import { count } from './format.ts'
import { spanError } from './span-error.ts'
import { Name } from './Text.tsx'
import { errorsOf } from './trace-errors.ts'
import './ErrorBar.css'

/** Errors listed at most: the others are a key away. */
const listed = 100

interface ErrorBarProps {
  tree: TraceTree
  /** Opens a failed span. */
  onOpen(id: string): void
  onStep(step: 1 | -1): void
}

/** The errors of a trace: how many, which came first, and the way to each. */
export function ErrorBar({ tree, onOpen, onStep }: ErrorBarProps) {
  const [isOpen, setIsOpen] = useState(false)
  const later = useDeferredValue(tree)
  const { nodes, first } = useMemo(() => errorsOf(later), [later])
  // The line is there from the beginning, so that the first error moves nothing.
  if (first === undefined) return <p className="error-bar hint">No errors</p>
  return (
    <div className="error-bar">
      <span className="error-first">
        {nodes.length === 1 ? 'The error:' : 'First error:'}{' '}
        <button type="button" className="error-link" onClick={() => onOpen(first.id)}>
          <ErrorName node={first} />
        </button>
      </span>
      <span className="error-buttons">
        <button
          type="button"
          className="button-small"
          aria-keyshortcuts="p"
          title="Previous error (p)"
          onClick={() => onStep(-1)}
        >
          Previous
        </button>
        <button
          type="button"
          className="button-small"
          aria-keyshortcuts="n"
          title="Next error (n)"
          onClick={() => onStep(1)}
        >
          Next error
        </button>
        {nodes.length > 1 && (
          <button
            type="button"
            className="button-small"
            aria-expanded={isOpen}
            onClick={() => setIsOpen(!isOpen)}
          >
            All {nodes.length}
          </button>
        )}
      </span>
      {isOpen && (
        <ol>
          {nodes.slice(0, listed).map((node) => (
            <li key={node.id}>
              <button type="button" className="error-link" onClick={() => onOpen(node.id)}>
                <ErrorName node={node} />
              </button>
            </li>
          ))}
          {nodes.length > listed && (
            <li className="hint">and {count(nodes.length - listed, 'error')} more</li>
          )}
        </ol>
      )}
    </div>
  )
}

function ErrorName({ node }: { node: TraceNode }) {
  const span = node.span!
  const error = spanError(span)
  return (
    <>
      <Name text={span.name} /> (<Name text={span.service} />)
      {error && (
        <>
          {': '}
          <Name text={error} />
        </>
      )}
    </>
  )
}
