import { type FoldRule, oneLevelLess, oneLevelMore, type TraceRow } from '@pingtrace/trace-tree'
import type { WaterfallView } from './waterfall-view.ts'

interface FoldToolsProps {
  view: WaterfallView
  rows: readonly TraceRow[]
  /** Whether there are any to keep in sight. */
  errors: boolean
}

/** Collapse and expand for the tree as a whole; single rows have their own toggles and keys. */
export function FoldTools({ view, rows, errors }: FoldToolsProps) {
  const oneLevel = (rule: FoldRule | undefined): void => {
    if (rule !== undefined) view.fold(rule)
  }
  return (
    <fieldset className="tool-group">
      <legend className="visually-hidden">Collapse and expand</legend>
      <Tool does="Expand all" onClick={() => view.fold({ collapse: 'nothing' })} />
      <Tool does="Collapse all" onClick={() => view.fold({ collapse: 'everything' })} />
      <Tool does="One level more" onClick={() => oneLevel(oneLevelMore(rows))} />
      <Tool does="One level less" onClick={() => oneLevel(oneLevelLess(rows))} />
      {errors && (
        <Tool does="All but errors" onClick={() => view.fold({ collapse: 'error-free' })} />
      )}
    </fieldset>
  )
}

function Tool({ does, onClick }: { does: string; onClick(): void }) {
  return (
    <button type="button" className="button-small" onClick={onClick}>
      {does}
    </button>
  )
}
