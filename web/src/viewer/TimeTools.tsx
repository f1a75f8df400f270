import type { TraceTree } from '@pingtrace/trace-tree'
import { useStore } from 'zustand'
import { formatDuration, formatOffset } from './format.ts'
import { isCriticalMarked, type WaterfallView } from './waterfall-view.ts'

/** What is seen of the trace's time. */
export function TimeTools({ view, tree }: { view: WaterfallView; tree: TraceTree }) {
  const looks = useStore(view)
  const { section } = looks
  const critical = isCriticalMarked(looks, tree.spanCount)
  return (
    <fieldset className="tool-group">
      <legend className="visually-hidden">Time</legend>
      <button
        type="button"
        className="button-small"
        aria-pressed={critical}
        onClick={() => view.markCritical(!critical)}
      >
        Critical path
      </button>
      <button
        type="button"
        className="button-small"
        // Not disabled: a button that has just been pressed would lose the focus.
        aria-disabled={section === undefined}
        onClick={() => view.zoom(undefined)}
      >
        Whole trace
      </button>
      <span className="hint" aria-live="polite">
        {section &&
          `Section of ${formatDuration(section.end - section.start)}, ${formatOffset(
            section.start - tree.start,
          )} from the start`}
      </span>
    </fieldset>
  )
}
