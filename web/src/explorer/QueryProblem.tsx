import { LongText, Text } from '../viewer/Text.tsx'
import { cutAt, type Problem } from './problem.ts'

/** What is wrong with a query, and where in it. */
export function QueryProblem({ query, problem }: { query: string; problem: Problem }) {
  const { message, place } = problem
  if (place === undefined) {
    return (
      <p className="error-text">
        <LongText text={message} />
      </p>
    )
  }
  const [before, wrong, after] = cutAt(query, place)
  return (
    <div className="query-problem">
      <p className="error-text">
        {place.column !== undefined && `At character ${place.column}: `}
        <LongText text={message} />
      </p>
      <code>
        <Text text={before} />
        {/* At the end there is nothing to mark but the place itself. */}
        <mark>
          <Text text={wrong || ' '} />
        </mark>
        <Text text={after} />
      </code>
    </div>
  )
}
