import { type ComparedSpan, type Comparison, durationOf } from '@pingtrace/trace-views'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { rowKey } from '../explorer/row-keys.ts'
import { count, formatDuration } from '../viewer/format.ts'
import { selectionHref } from '../viewer/selection.ts'
import { serviceColour } from '../viewer/service-colours.ts'
import { Name } from '../viewer/Text.tsx'
import { comparisonRows } from './comparison-rows.ts'
import { changeText, differenceText } from './comparison-words.ts'
import './TableScroll.css'

/** Rows drawn at once. */
const pageSize = 300

interface ComparisonTableProps {
  compared: Comparison
  onlyChanged: boolean
  otherId: string
  onShowSpan(id: string): void
}

/** The spans of both traces as one tree. Its rows are one stop of the Tab key. */
export function ComparisonTable(props: ComparisonTableProps) {
  const { compared, onlyChanged, otherId, onShowSpan } = props
  const body = useRef<HTMLTableSectionElement>(null)
  const [limit, setLimit] = useState(pageSize)
  const [focusedId, setFocusedId] = useState<string>()
  const all = useMemo(() => comparisonRows(compared.roots, onlyChanged), [compared, onlyChanged])
  const rows = all.slice(0, limit)
  const ids = rows.map(({ id }) => id)
  const inTabOrder = focusedId !== undefined && ids.includes(focusedId) ? focusedId : ids[0]

  const onKeyDown = (event: KeyboardEvent): void => {
    const to = rowKey(event, ids, (event.target as HTMLElement).dataset.rowId)
    if (to === undefined) return
    event.preventDefault()
    setFocusedId(to)
    body.current?.querySelector<HTMLElement>(`[data-row-id="${CSS.escape(to)}"]`)?.focus()
  }

  if (rows.length === 0) return null
  return (
    <>
      <div className="table-scroll">
        <table className="compare-table">
          <thead>
            <tr>
              <th scope="col">Span</th>
              <th scope="col">Before</th>
              <th scope="col">Now</th>
              <th scope="col">Difference</th>
              <th scope="col" title="How much of the difference is not its children's">
                of its own
              </th>
            </tr>
          </thead>
          <tbody ref={body} onKeyDown={onKeyDown}>
            {rows.map((row) => (
              <Row
                key={row.id}
                row={row}
                inTabOrder={row.id === inTabOrder}
                otherId={otherId}
                onShowSpan={onShowSpan}
              />
            ))}
          </tbody>
        </table>
      </div>
      {all.length > limit && (
        <button type="button" className="show-more" onClick={() => setLimit(limit + pageSize)}>
          Show more: {count(all.length - limit, 'row')} not drawn yet
        </button>
      )}
    </>
  )
}

interface RowProps {
  row: ComparedSpan
  inTabOrder: boolean
  otherId: string
  onShowSpan(id: string): void
}

function Row({ row, inTabOrder, otherId, onShowSpan }: RowProps) {
  const { before, after, change, difference, selfDifference } = row
  const span = (after ?? before)!.span
  const stop = { 'data-row-id': row.id, tabIndex: inTabOrder ? 0 : -1 }
  const name = <Name text={span === undefined ? '(missing parent)' : span.name} />
  return (
    <tr data-change={change}>
      <th scope="row">
        {/* Very deep traces would push their names out of sight. */}
        <span className="compare-name" style={{ '--depth': Math.min(row.depth, 16) }}>
          {span && <span className="swatch" style={{ '--service': serviceColour(span.service) }} />}
          {after === undefined ? (
            <a
              {...stop}
              href={selectionHref(window.location.href, {
                traceId: otherId,
                spanId: before!.id,
                tab: 'waterfall',
              })}
            >
              {name}
            </a>
          ) : (
            <button {...stop} type="button" onClick={() => onShowSpan(after.id)}>
              {name}
            </button>
          )}
          {span && (
            <span className="label">
              <Name text={span.service} />
            </span>
          )}
          {changeText(row).map((text) => (
            <span key={text} className={badgeClass(text)}>
              {text}
            </span>
          ))}
        </span>
      </th>
      <td>{before ? formatDuration(durationOf(before)) : ''}</td>
      <td>{after ? formatDuration(durationOf(after)) : ''}</td>
      <td>{difference === undefined ? '' : differenceText(difference, durationOf(before!))}</td>
      <td>{selfDifference === undefined ? '' : differenceText(selfDifference, 0n)}</td>
    </tr>
  )
}

function badgeClass(text: string): string {
  if (text === 'fails now') return 'badge badge-error'
  return text === 'slower' || text === 'removed' ? 'badge badge-warn' : 'badge'
}
