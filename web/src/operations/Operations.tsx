import type { OperationStats } from '@pingtrace/otlp'
import { type KeyboardEvent, type MouseEvent, useState } from 'react'
import { useStore } from 'zustand'
import { listHref } from '../explorer/asked-store.ts'
import type { Explorer } from '../explorer/explorer.ts'
import { PauseButton } from '../explorer/PauseButton.tsx'
import { rowKey } from '../explorer/row-keys.ts'
import { useStill } from '../explorer/use-still.ts'
import { count } from '../viewer/format.ts'
import { Name } from '../viewer/Text.tsx'
import { OperationHeads } from './OperationHeads.tsx'
import { OperationRow, OtherOperationsRow } from './OperationRow.tsx'
import { operationQuery } from './operation-query.ts'
import { sortOperations, titleOf } from './operation-sort.ts'
import { emptyText, operationsText } from './words.ts'
import './Operations.css'

/** Rows drawn at once; more are a button away. */
const pageSize = 100

/** What services do, how often, and how slowly: each a row, and a link to its traces. */
export function Operations({ explorer }: { explorer: Explorer }) {
  const { asked, operations, list, viewer } = explorer
  const question = useStore(asked)
  const state = useStore(operations)
  const stream = useStore(viewer.recent, (recent) => recent.stream)
  const { paused } = useStore(list)
  const [limit, setLimit] = useState(pageSize)
  const [focused, setFocused] = useState<string>()
  const { value, hold } = useStill(state, (a, b) => a.asked === b.asked && !b.searching, paused)
  const all = sortOperations(value.result?.operations ?? [], question.by)
  const rows = all.slice(0, limit)
  const ids = rows.map(titleOf)
  const inTabOrder = focused !== undefined && ids.includes(focused) ? focused : ids[0]

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const at = rowKey(event, ids, idOf(event.target))
    if (at === undefined) return
    event.preventDefault()
    event.currentTarget.querySelectorAll<HTMLElement>('[data-operation]')[ids.indexOf(at)]?.focus()
  }
  const questionFor = (operation: OperationStats) => ({
    view: 'list' as const,
    query: operationQuery(question.query, operation),
  })
  const open = (event: MouseEvent, operation: OperationStats): void => {
    // With a modifier the browser opens a tab or a window: its business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    asked.change(questionFor(operation))
  }

  return (
    <section className="card overview operations" aria-labelledby="operations-heading">
      <header className="card-header">
        <h2 id="operations-heading">Operations</h2>
        <p className="hint overview-count" role="status">
          {operationsText(value)}
        </p>
        <PauseButton paused={paused} onPause={list.pause} />
      </header>
      {value.result === undefined || rows.length === 0 ? (
        <p className="hint overview-empty">
          <Name text={emptyText(state, stream, 'The operations')} />
        </p>
      ) : (
        <>
          <table className="operations-table">
            <OperationHeads
              sort={question.by}
              time={value.result.time}
              onSort={(by) => asked.change({ by })}
            />
            <tbody
              {...hold}
              onFocus={(event) => {
                setFocused(idOf(event.target))
                hold.onFocus()
              }}
              onKeyDown={onKeyDown}
            >
              {rows.map((operation) => (
                <OperationRow
                  key={titleOf(operation)}
                  operation={operation}
                  time={value.result!.time}
                  href={listHref(window.location.href, { ...question, ...questionFor(operation) })}
                  inTabOrder={titleOf(operation) === inTabOrder}
                  onOpen={open}
                />
              ))}
            </tbody>
            {value.result.others !== undefined && (
              <tfoot>
                <OtherOperationsRow
                  others={value.result.others}
                  listed={all.length}
                  time={value.result.time}
                />
              </tfoot>
            )}
          </table>
          {all.length > limit && (
            <button type="button" className="show-more" onClick={() => setLimit(limit + pageSize)}>
              Show more: {count(all.length - limit, 'operation')} not drawn yet
            </button>
          )}
        </>
      )}
    </section>
  )
}

function idOf(target: EventTarget): string | undefined {
  return (target as Element).closest<HTMLElement>('[data-operation]')?.dataset.operation
}
