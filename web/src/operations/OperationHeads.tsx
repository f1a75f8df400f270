import type { TimeSteps } from '@pingtrace/otlp'
import { formatArrival } from '../viewer/format.ts'
import { type OperationSort, type OperationSortKey, toggleOperationSort } from './operation-sort.ts'

const columns: { key: OperationSortKey; label: string }[] = [
  { key: 'name', label: 'Operation' },
  { key: 'count', label: 'Spans' },
  { key: 'errors', label: 'Errors' },
  { key: 'p50', label: 'p50' },
  { key: 'p95', label: 'p95' },
  { key: 'p99', label: 'p99' },
]

/** The heads of the columns; each but the last sorts. */
export function OperationHeads({
  sort,
  time,
  onSort,
}: {
  sort: OperationSort
  time: TimeSteps
  onSort(sort: OperationSort): void
}) {
  return (
    <thead>
      <tr>
        {columns.map(({ key, label }) => {
          const isSorted = sort.key === key
          const direction = sort.descending ? 'descending' : 'ascending'
          return (
            <th
              key={key}
              scope="col"
              className={key === 'name' ? 'operation-name' : undefined}
              aria-sort={isSorted ? direction : undefined}
            >
              <button type="button" onClick={() => onSort(toggleOperationSort(sort, key))}>
                {label}
                <span aria-hidden="true">{isSorted && (sort.descending ? ' ↓' : ' ↑')}</span>
              </button>
            </th>
          )
        })}
        <th scope="col" className="operation-time">
          {formatArrival(time.from)} – {formatArrival(time.to)}
        </th>
      </tr>
    </thead>
  )
}
