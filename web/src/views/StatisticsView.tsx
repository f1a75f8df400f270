import { type SpanStatistics, spanStatistics } from '@pingtrace/trace-views'
import { useMemo, useState } from 'react'
import { count, formatDuration } from '../viewer/format.ts'
import { serviceColour } from '../viewer/service-colours.ts'
import { Name } from '../viewer/Text.tsx'
import type { TraceViewProps } from '../viewer/trace-view-props.ts'
import { shareText } from './path-text.ts'
import { SortHead } from './SortHead.tsx'
import { type Sort, type StatisticsColumn, sortStatistics } from './sort-statistics.ts'
import './TableScroll.css'
import './StatisticsView.css'

/** Rows drawn at once: a trace may have as many operations as spans. */
const pageSize = 200

const columns: [StatisticsColumn, string, string][] = [
  ['count', 'Spans', 'How many there are'],
  ['errors', 'Errors', 'How many have the status error'],
  ['total', 'Total', 'Durations added up, those of nested and parallel spans too'],
  ['self', 'Self', 'The time in which none of the children was under way, added up'],
  ['p50', 'p50', 'Half of the spans took no longer'],
  ['p95', 'p95', '95 % of the spans took no longer'],
  ['max', 'Max', 'The longest; its button shows that span'],
]

/** The trace in numbers, by service or by operation. */
export function StatisticsView({ tree, onShowSpan }: TraceViewProps) {
  const [by, setBy] = useState<'operation' | 'service'>('operation')
  const [sort, setSort] = useState<Sort>({ column: 'self', descending: true })
  const [limit, setLimit] = useState(pageSize)
  const statistics = useMemo(() => spanStatistics(tree, by), [tree, by])
  const rows = useMemo(() => sortStatistics(statistics, sort), [statistics, sort])
  const selfOfAll = useMemo(
    () => statistics.reduce((sum, { self }) => sum + self, 0n),
    [statistics],
  )

  return (
    <div className="statistics">
      <fieldset className="choice">
        <legend>Group by</legend>
        {(['operation', 'service'] as const).map((each) => (
          <label key={each}>
            <input type="radio" name="by" checked={by === each} onChange={() => setBy(each)} />
            {each === 'operation' ? 'service and operation' : 'service'}
          </label>
        ))}
      </fieldset>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reached by key */}
      <section className="table-scroll" tabIndex={0} aria-label="Statistics of the spans">
        <table>
          <thead>
            <tr>
              <SortHead column="name" label="Operation" sort={sort} onSort={setSort} />
              {columns.map(([column, label, title]) => (
                <SortHead key={column} {...{ column, label, title, sort }} onSort={setSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, limit).map((row) => (
              <Row
                key={JSON.stringify([row.service, row.name])}
                row={row}
                selfOfAll={selfOfAll}
                onShowSpan={onShowSpan}
              />
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > limit && (
        <button type="button" className="show-more" onClick={() => setLimit(limit + pageSize)}>
          Show more: {count(rows.length - limit, 'row')} not drawn yet
        </button>
      )}
    </div>
  )
}

interface RowProps {
  row: SpanStatistics
  selfOfAll: bigint
  onShowSpan(id: string): void
}

function Row({ row, selfOfAll, onShowSpan }: RowProps) {
  const { service, name, slowest } = row
  return (
    <tr>
      <th scope="row">
        <span className="service">
          <span className="swatch" style={{ '--service': serviceColour(service) }} />
          <Name text={name ?? service} />
        </span>
        {name !== undefined && (
          <span className="label">
            <Name text={service} />
          </span>
        )}
      </th>
      <td>{row.count}</td>
      <td className={row.errors > 0 ? 'error-text' : 'label'}>{row.errors}</td>
      <td>{formatDuration(row.total)}</td>
      <td>
        {formatDuration(row.self)} <span className="label">{shareText(row.self, selfOfAll)}</span>
      </td>
      <td>{formatDuration(row.p50)}</td>
      <td>{formatDuration(row.p95)}</td>
      <td>
        <button type="button" className="button-small" onClick={() => onShowSpan(slowest.id)}>
          {formatDuration(row.max)}
          <span className="visually-hidden">
            , show the slowest <Name text={name ?? service} />
          </span>
        </button>
      </td>
    </tr>
  )
}
