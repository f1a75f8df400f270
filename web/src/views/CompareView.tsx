import { compareTraces, traceShape } from '@pingtrace/trace-views'
import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { formatDuration } from '../viewer/format.ts'
import { selectionHref } from '../viewer/selection.ts'
import type { TraceViewProps } from '../viewer/trace-view-props.ts'
import { ComparisonTable } from './ComparisonTable.tsx'
import { createComparison, type Other } from './comparison-store.ts'
import { choiceText, countsText, differenceText, noiseText } from './comparison-words.ts'
import { OtherChooser } from './OtherChooser.tsx'
import './CompareView.css'

/** What is different from another trace: unless somebody chooses, from the one before. */
export function CompareView({ traceId, tree, viewer, onShowSpan }: TraceViewProps) {
  const { otherId } = useStore(viewer.selection)
  const [comparison] = useState(() =>
    createComparison(viewer.queryUrl, (id) => viewer.files.getState().opened?.traces.get(id)?.tree),
  )
  const state = useStore(comparison)
  const { earlier, other, problem } = state
  // A trace that grows is looked at again when it has become another one, not with each event.
  const shape = useMemo(() => traceShape(tree), [tree])

  useEffect(
    () => comparison.find({ traceId, tree }, otherId),
    [comparison, traceId, shape, otherId],
  )
  useEffect(() => comparison.stop, [comparison])

  return (
    <div className="compare">
      <OtherChooser
        earlier={earlier}
        otherId={otherId}
        onChoose={viewer.selection.compareWith}
        isItself={(id) => id === traceId}
      />
      {problem === undefined ? (
        <p className="hint">
          {choiceText(state)}{' '}
          {other && (
            <a
              href={selectionHref(window.location.href, {
                traceId: other.traceId,
                spanId: undefined,
                tab: 'waterfall',
              })}
            >
              Open it
            </a>
          )}
        </p>
      ) : (
        <p className="warn-text" role="alert">
          {problem} To compare with any other trace, give its id.
        </p>
      )}
      {other && (
        <Result key={other.traceId} tree={tree} other={other} onShowSpan={onShowSpan}>
          {noiseText(earlier)}
        </Result>
      )}
    </div>
  )
}

interface ResultProps extends Pick<TraceViewProps, 'tree' | 'onShowSpan'> {
  other: Other
  children: string
}

function Result({ tree, other, onShowSpan, children }: ResultProps) {
  const [onlyChanged, setOnlyChanged] = useState(true)
  const compared = useMemo(() => compareTraces(other.tree, tree), [other, tree])
  const before = other.tree.end - other.tree.start
  const after = tree.end - tree.start
  return (
    <>
      <p className="compare-summary">
        <strong>{formatDuration(after)}</strong>
        <span>
          <span className="label">was</span> {formatDuration(before)}:{' '}
          {differenceText(after - before, before)}
        </span>
        <span>{countsText(compared.counts)}</span>
        {compared.newFailures > 0 && (
          <span className="error-text">{compared.newFailures} failing that did not</span>
        )}
        {compared.goneFailures > 0 && <span>{compared.goneFailures} failing no more</span>}
      </p>
      <p className="hint">{children}</p>
      <label className="compare-only">
        <input
          type="checkbox"
          checked={onlyChanged}
          onChange={(event) => setOnlyChanged(event.target.checked)}
        />
        only what changed
      </label>
      <ComparisonTable
        compared={compared}
        onlyChanged={onlyChanged}
        otherId={other.traceId}
        onShowSpan={onShowSpan}
      />
    </>
  )
}
