import type { TraceState } from './trace-store.ts'
import { WaitingForTrace } from './WaitingForTrace.tsx'
import './EmptyTrace.css'

/** What one ping will look like: name, depth, and where its bar lies in percent. */
const sketch = [
  { name: 'client operation', depth: 0, left: 0, width: 100 },
  { name: '/ping', depth: 1, left: 14, width: 76 },
  { name: 'redis_integration', depth: 2, left: 18, width: 40 },
  { name: 'server redis operation', depth: 3, left: 22, width: 32 },
  { name: 'mongo_integration', depth: 2, left: 18, width: 66 },
  { name: 'server mongo operation', depth: 3, left: 24, width: 56 },
]

/** Stands where the trace will be: says what will come, and what to do for it. */
export function EmptyTrace(state: TraceState) {
  return (
    <div className="empty-trace">
      {state.wanted === undefined ? (
        <p>
          Nothing pinged yet. Press <strong>Ping</strong>: the page opens a span and calls the API,
          which asks Redis and MongoDB. Each side sends its own spans to the collector, and here
          they come together as one trace, span by span:
        </p>
      ) : (
        <WaitingForTrace {...state} />
      )}
      <ul className="sketch" aria-label="The spans of one ping">
        {sketch.map(({ name, depth, left, width }) => (
          <li key={name}>
            <span style={{ paddingInlineStart: `${depth * 16}px` }}>{name}</span>
            <span className="sketch-track">
              <span style={{ marginInlineStart: `${left}%`, inlineSize: `${width}%` }} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
