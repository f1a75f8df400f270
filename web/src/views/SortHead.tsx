import { nextSort, type Sort, type StatisticsColumn } from './sort-statistics.ts'

interface SortHeadProps {
  column: StatisticsColumn
  label: string
  title?: string
  sort: Sort
  onSort(sort: Sort): void
}

/** The head of a column; pressing it sorts by the column, and pressing it again the other way. */
export function SortHead({ column, label, title, sort, onSort }: SortHeadProps) {
  const sorted = sort.column === column
  return (
    <th
      scope="col"
      aria-sort={!sorted ? undefined : sort.descending ? 'descending' : 'ascending'}
      title={title}
    >
      <button type="button" className="sort-head" onClick={() => onSort(nextSort(sort, column))}>
        {label}
        <span aria-hidden="true">{!sorted ? '' : sort.descending ? ' ▾' : ' ▴'}</span>
      </button>
    </th>
  )
}
