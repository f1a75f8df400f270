import { cutAt, type Problem } from './problem.ts'

/** What is wrong with a query, and where in it. */
export function QueryProblem({ query, problem }: { query: string; problem: Problem }) {
  const { message, place } = problem
  if (place === undefined) return <p className="error-text">{message}</p>
  const [before, wrong, after] = cutAt(query, place)
  return (
    <div className="query-problem">
      <p className="error-text">
        {place.column !== undefined && `At character ${place.column}: `}
        {message}
      </p>
      <code>
        {before}
        {/* At the end there is nothing to mark but the place itself. */}
        <mark>{wrong || ' '}</mark>
        {after}
      </code>
    </div>
  )
}
