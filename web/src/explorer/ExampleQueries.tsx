import type { Source } from '../source/source.ts'
import { Name } from '../viewer/Text.tsx'
import { plainName } from '../viewer/visible-text.ts'
import { exampleQueries } from './example-queries.ts'

interface ExampleQueriesProps {
  source: Source
  service: string | undefined
  /** What is asked now. */
  query: string
  onAsk(query: string): void
}

/** Questions to begin with; what they ask stands in the box then, to be changed. */
export function ExampleQueries({ source, service, query, onAsk }: ExampleQueriesProps) {
  return (
    <ul className="query-examples" aria-label="Example queries">
      {exampleQueries(service, source).map((example) => (
        <li key={example.query}>
          <button
            type="button"
            className="button-small"
            aria-pressed={example.query === query}
            title={plainName(example.query)}
            onClick={() => onAsk(example.query)}
          >
            <Name text={example.label} />
          </button>
        </li>
      ))}
    </ul>
  )
}
