import type { ReceivedRequest } from '@pingtrace/otlp'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { PauseButton } from '../explorer/PauseButton.tsx'
import { count, formatArrival } from '../viewer/format.ts'
import { troubleText } from '../viewer/stream-words.ts'
import { LongText, Name } from '../viewer/Text.tsx'
import { createRequests } from './requests-store.ts'
import { contentText, howText, isTrouble, outcomeText, senderText } from './words.ts'
import './Requests.css'

/** Drawn at once: what nobody scrolls to is a filter away. */
const mostRows = 100

/** The last requests that came to the collector, live: where spans that do not arrive are looked for. */
export function Requests({ queryUrl }: { queryUrl: string }) {
  const [store] = useState(() => createRequests(queryUrl))
  const [onlyTrouble, setOnlyTrouble] = useState(false)
  const [held, setHeld] = useState<ReceivedRequest[]>()
  const { requests, answered, stream } = useStore(store)
  useEffect(() => store.follow(), [store])

  const all = held ?? requests
  const chosen = onlyTrouble ? all.filter(isTrouble) : all
  return (
    <section className="card overview requests" aria-labelledby="requests-heading">
      <header className="card-header">
        <h2 id="requests-heading">Requests that came</h2>
        <p className="hint overview-count">
          {count(chosen.length, 'request')}
          {chosen.length > mostRows && `, the newest ${mostRows} drawn`}
        </p>
        <button
          type="button"
          className="button-small"
          aria-pressed={onlyTrouble}
          onClick={() => setOnlyTrouble(!onlyTrouble)}
        >
          Only what was not accepted
        </button>
        <PauseButton
          paused={held !== undefined}
          onPause={(paused) => setHeld(paused ? requests : undefined)}
        />
      </header>
      {chosen.length === 0 ? (
        <p className="hint overview-empty">
          {answered ? emptyText(onlyTrouble) : (troubleText(stream) ?? 'Asking the collector…')}
        </p>
      ) : (
        <table className="requests-table">
          <thead>
            <tr>
              <th scope="col">Answered</th>
              <th scope="col">How</th>
              <th scope="col">From</th>
              <th scope="col">Content</th>
              <th scope="col">Outcome</th>
            </tr>
          </thead>
          <tbody>
            {chosen.slice(0, mostRows).map((request) => (
              <RequestRow key={request.number} request={request} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function RequestRow({ request }: { request: ReceivedRequest }) {
  const { time, code, outcome, message, advice } = request
  const isLost = outcome === 'refused' || outcome === 'partial'
  return (
    <tr data-outcome={outcome}>
      <td>{formatArrival(time)}</td>
      <td>
        <Name text={howText(request)} />
      </td>
      <td className="requests-sender">
        <Name text={senderText(request)} />
      </td>
      <td>
        <Name text={contentText(request)} />
      </td>
      <td>
        <strong className={isLost ? 'error-text' : undefined}>{outcomeText[outcome]}</strong>
        {code !== undefined && ` (${code})`}
        {message && (
          <span className="requests-message">
            <LongText text={message} />
          </span>
        )}
        {advice && (
          <span className="hint requests-message">
            <LongText text={advice} />
          </span>
        )}
      </td>
    </tr>
  )
}

function emptyText(onlyTrouble: boolean): string {
  return onlyTrouble
    ? 'All of the requests that are remembered were accepted. If spans are missing, look whether their sender is among them; if not, at the endpoint and the sampler that it is configured with.'
    : 'Nothing has come since the collector was started: look at the endpoint that the sender is configured with.'
}
