import {
  type FocusEvent,
  type KeyboardEvent,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react'
import { useStore } from 'zustand'
import { count } from '../viewer/format.ts'
import type { Explorer } from './explorer.ts'
import { rowKey } from './row-keys.ts'
import { SortHeads } from './SortHeads.tsx'
import { TraceListRow } from './TraceListRow.tsx'
import { emptyText, listText, waitingText } from './words.ts'
import './TraceList.css'

/** Rows drawn at once; more are a button away, so that each change costs little. */
const pageSize = 100

/** Where list and trace stand side by side: see Explorer.css. */
const besideQuery = '(min-width: 1200px)'

/** What arrives, or what the query found: each trace a row, and a link to it. */
export function TraceList({ explorer }: { explorer: Explorer }) {
  const { viewer, list, asked, search } = explorer
  const { traces, waiting, paused } = useStore(list)
  const { query, sort } = useStore(asked)
  const searched = useStore(search)
  const { stream } = useStore(viewer.recent)
  const { traceId, following } = useStore(viewer.selection)
  const [limit, setLimit] = useState(pageSize)
  const [focused, setFocused] = useState<string>()
  const held = useRef({ pointer: false, focus: false })
  const body = useRef<HTMLTableSectionElement>(null)

  const hold = (by: Partial<typeof held.current>): void => {
    Object.assign(held.current, by)
    list.hold(held.current.pointer || held.current.focus)
  }

  // A row that goes while it has the focus, or all of them from under the pointer, tells nobody.
  useEffect(() => {
    const { pointer, focus } = held.current
    hold({
      pointer: pointer && body.current?.matches(':hover') === true,
      focus: focus && body.current?.contains(document.activeElement) === true,
    })
  }, [traces])

  const onBlur = (event: FocusEvent<HTMLElement>): void => {
    if (!event.currentTarget.contains(event.relatedTarget)) hold({ focus: false })
  }

  const pick = useCallback(
    (picked: string): void => {
      viewer.selection.pick(picked)
      // Where the trace is below the list, it would come unseen.
      if (!window.matchMedia(besideQuery).matches) {
        document.querySelector('.live-trace')?.scrollIntoView({ block: 'start' })
      }
    },
    [viewer],
  )

  const rows = traces.slice(0, limit)
  const inTabOrder =
    [focused, traceId].find((id) => rows.some((row) => row.traceId === id)) ?? rows[0]?.traceId

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const target = rowKey(
      event,
      rows.map((row) => row.traceId),
      linkOf(event.target)?.dataset.traceId,
    )
    if (target === undefined) return
    event.preventDefault()
    event.currentTarget.querySelector<HTMLElement>(`[data-trace-id="${target}"]`)?.focus()
  }

  return (
    <section className="card traces" aria-labelledby="traces-heading">
      <header className="card-header">
        <h2 id="traces-heading">Traces</h2>
        <p className="hint traces-count" role="status">
          {listText(traces.length, searched)}
        </p>
        <div className="traces-buttons">
          <button
            type="button"
            className="button-small traces-waiting"
            aria-disabled={waiting === 0}
            data-waiting={waiting > 0}
            onClick={list.showWaiting}
          >
            {waitingText(waiting)}
          </button>
          <button
            type="button"
            className="button-small"
            aria-pressed={paused}
            onClick={() => list.pause(!paused)}
          >
            Pause
          </button>
          <button
            type="button"
            className="button-small"
            aria-pressed={following}
            disabled={query !== ''}
            title="Open each new trace until you pick one"
            onClick={viewer.selection.followPings}
          >
            Follow latest trace
          </button>
        </div>
      </header>
      {traces.length === 0 ? (
        <p className="hint traces-empty">{emptyText(searched, stream)}</p>
      ) : (
        <div className="traces-scroll">
          <table>
            <SortHeads sort={sort} onSort={asked.sortBy} />
            <tbody
              ref={body}
              onPointerEnter={() => hold({ pointer: true })}
              onPointerLeave={() => hold({ pointer: false })}
              onFocus={(event) => {
                setFocused(linkOf(event.target)?.dataset.traceId)
                hold({ focus: true })
              }}
              onBlur={onBlur}
              onKeyDown={onKeyDown}
            >
              {rows.map((trace) => (
                <TraceListRow
                  key={trace.traceId}
                  trace={trace}
                  shown={trace.traceId === traceId}
                  inTabOrder={trace.traceId === inTabOrder}
                  onPick={pick}
                />
              ))}
            </tbody>
          </table>
          {traces.length > limit && (
            <button type="button" className="show-more" onClick={() => setLimit(limit + pageSize)}>
              Show more: {count(traces.length - limit, 'trace')} not drawn yet
            </button>
          )}
        </div>
      )}
    </section>
  )
}

function linkOf(target: EventTarget): HTMLElement | null {
  return (target as Element).closest<HTMLElement>('[data-trace-id]')
}
