import { type SortKey, type TraceSort, toggleSort } from './trace-sort.ts'

const columns: { key: SortKey; label: string }[] = [
  { key: 'arrival', label: 'Arrived' },
  { key: 'start', label: 'Start' },
  { key: 'duration', label: 'Duration' },
  { key: 'spans', label: 'Spans' },
  { key: 'errors', label: 'Errors' },
]

/** The heads of the columns; each but the first one sorts. */
export function SortHeads({ sort, onSort }: { sort: TraceSort; onSort(sort: TraceSort): void }) {
  return (
    <thead>
      <tr>
        <th scope="col" className="trace-name">
          Trace
        </th>
        {columns.map(({ key, label }) => {
          const isSorted = sort.key === key
          const direction = sort.descending ? 'descending' : 'ascending'
          return (
            <th key={key} scope="col" aria-sort={isSorted ? direction : undefined}>
              <button type="button" onClick={() => onSort(toggleSort(sort, key))}>
                {label}
                <span aria-hidden="true">{isSorted && (sort.descending ? ' ↓' : ' ↑')}</span>
              </button>
            </th>
          )
        })}
      </tr>
    </thead>
  )
}
