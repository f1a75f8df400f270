import { useStore } from 'zustand'
import { Name } from '../viewer/Text.tsx'
import type { Call } from './call.ts'
import { maxCalls, pingStore } from './ping-store.ts'
import { reasonText } from './reason-text.ts'
import { formatBytes, formatMillis, isTraced } from './words.ts'
import './CallLog.css'

interface CallLogProps {
  onShowTrace(traceId: string): void
}

/** One line for each call, the newest first. */
export function CallLog({ onShowTrace }: CallLogProps) {
  const calls = useStore(pingStore, (state) => state.calls)
  if (calls.length === 0) return null
  return (
    <section className="call-log" aria-label="Calls">
      <table>
        <caption>
          {calls.length < maxCalls ? 'Calls, the newest first' : `The ${maxCalls} newest calls`}
        </caption>
        <thead>
          <tr>
            <th scope="col">URL</th>
            <th scope="col">Status</th>
            <th scope="col">Result</th>
            <th scope="col">Duration</th>
            <th scope="col">Trace</th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <CallLine key={call.id} call={call} onShowTrace={onShowTrace} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function CallLine({ call, onShowTrace }: { call: Call } & CallLogProps) {
  return (
    <tr className={`call call-${call.state}`}>
      <td className="call-url">{call.url}</td>
      <td className="call-status">{call.status ?? '–'}</td>
      <td className="call-result">
        <Name text={resultOf(call)} />
      </td>
      <td className="call-duration">
        {call.durationMs === undefined ? '–' : formatMillis(call.durationMs)}
      </td>
      <td>
        {isTraced(call) ? (
          <button
            type="button"
            className="call-trace"
            aria-label={`Show trace ${call.traceId}`}
            onClick={() => onShowTrace(call.traceId)}
          >
            {call.traceId}
          </button>
        ) : (
          'not traced'
        )}
      </td>
    </tr>
  )
}

/** In a few words: the status stands beside it, and the panel above says all of the newest one. */
function resultOf({ state, bytes, failure }: Call): string {
  if (state === 'running') return 'running…'
  if (failure === undefined) return formatBytes(bytes ?? 0)
  if (failure.legs === undefined) return failure.summary
  return failure.legs.map(({ leg, reason }) => `${leg}: ${reasonText(reason)}`).join(' · ')
}
