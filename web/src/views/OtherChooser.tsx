import type { TraceSummary } from '@pingtrace/otlp'
import { type FormEvent, useState } from 'react'
import { count, formatArrival, formatDuration } from '../viewer/format.ts'

/** Offered by name; any other is compared with by its id. */
const offered = 50

interface OtherChooserProps {
  earlier: TraceSummary[]
  /** The trace that was chosen; undefined for the one before. */
  otherId: string | undefined
  isItself(traceId: string): boolean
  onChoose(otherId: string | undefined): void
}

/** Which trace to compare with. */
export function OtherChooser({ earlier, otherId, isItself, onChoose }: OtherChooserProps) {
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState<string>()
  const listed = earlier.slice(0, offered)

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    const id = typed.trim().toLowerCase()
    const problem = problemOf(id)
    setWrong(problem)
    if (problem === undefined) onChoose(id)
  }
  const problemOf = (id: string): string | undefined => {
    if (!/^[0-9a-f]{32}$/.test(id)) return 'A trace id has 32 hex digits.'
    return isItself(id) ? 'That is this trace itself.' : undefined
  }

  return (
    <div className="other-chooser">
      <label>
        Compare with{' '}
        <select
          value={otherId ?? ''}
          onChange={(event) => onChoose(event.target.value === '' ? undefined : event.target.value)}
        >
          <option value="">the one before, of the same shape</option>
          {otherId !== undefined && !listed.some(({ traceId }) => traceId === otherId) && (
            <option value={otherId}>{otherId}</option>
          )}
          {listed.map((trace) => (
            <option key={trace.traceId} value={trace.traceId}>
              {formatArrival(trace.arrivedAt)} · {formatDuration(BigInt(trace.durationNano))} ·{' '}
              {count(trace.spanCount, 'span')}
            </option>
          ))}
        </select>
      </label>
      <form onSubmit={submit}>
        <label>
          or trace id{' '}
          <input
            value={typed}
            spellCheck={false}
            autoComplete="off"
            aria-invalid={wrong !== undefined}
            aria-describedby={wrong === undefined ? undefined : 'other-wrong'}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>{' '}
        <button type="submit" className="button-small">
          Compare
        </button>
      </form>
      {wrong !== undefined && (
        <p id="other-wrong" className="warn-text" role="alert">
          {wrong}
        </p>
      )}
    </div>
  )
}
