import { type KeyboardEvent, useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { count } from '../viewer/format.ts'
import { isQuestion, listHref } from './asked-store.ts'
import type { Explorer } from './explorer.ts'
import { PauseButton } from './PauseButton.tsx'
import { rowKey } from './row-keys.ts'
import { SortHeads } from './SortHeads.tsx'
import { TraceListRow } from './TraceListRow.tsx'
import { useHold } from './use-hold.ts'
import { emptyText, listText, waitingText } from './words.ts'
import './TraceList.css'

/** Rows drawn at once; more are a button away, so that each change costs little. */
const pageSize = 100

/** What arrives, or what the query found: each trace a row, and a link to it. */
export function TraceList({
  explorer,
  onPick,
}: {
  explorer: Explorer
  onPick(traceId: string): void
}) {
  const { viewer, list, asked, search } = explorer
  const { traces, waiting, paused } = useStore(list)
  const question = useStore(asked)
  const { sort } = question
  const searched = useStore(search)
  const stream = useStore(viewer.recent, (state) => state.stream)
  const { traceId, following } = useStore(viewer.selection)
  const [limit, setLimit] = useState(pageSize)
  const [focused, setFocused] = useState<string>()
  const { holder, ...hold } = useHold<HTMLTableSectionElement>(list, 'rows', traces)

  const rows = traces.slice(0, limit)
  const page = listHref(window.location.href, question)
  const notes = useStore(viewer.clockNotes)
  useEffect(() => viewer.clockNotes.look(traces.slice(0, limit)), [viewer, traces, limit])
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
          <PauseButton paused={paused} onPause={list.pause} />
          <button
            type="button"
            className="button-small"
            aria-pressed={following}
            disabled={isQuestion(question)}
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
              ref={holder}
              {...hold}
              onFocus={(event) => {
                setFocused(linkOf(event.target)?.dataset.traceId)
                hold.onFocus()
              }}
              onKeyDown={onKeyDown}
            >
              {rows.map((trace) => (
                <TraceListRow
                  key={trace.traceId}
                  trace={trace}
                  clockNote={notes.get(trace.traceId)}
                  page={page}
                  shown={trace.traceId === traceId}
                  inTabOrder={trace.traceId === inTabOrder}
                  onPick={onPick}
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
