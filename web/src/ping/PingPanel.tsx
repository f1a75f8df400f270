import { useStore } from 'zustand'
import { LongText } from '../viewer/Text.tsx'
import { type Call, type Leg, legs } from './call.ts'
import { pingStore } from './ping-store.ts'
import { reasonText } from './reason-text.ts'
import { formatBytes, formatMillis, isNews } from './words.ts'
import './PingPanel.css'

/** The button, what it calls, and how the newest call went. */
export function PingPanel() {
  const { calls, autoPing, leg, length, ping, setAutoPing, setLeg, setLength } = useStore(pingStore)
  return (
    <section className="ping-panel" aria-label="Ping">
      <div className="ping-controls">
        <button type="button" className="ping-button" onClick={() => void ping()}>
          Ping
        </button>
        <label className="ping-auto">
          <input
            type="checkbox"
            role="switch"
            aria-checked={autoPing}
            checked={autoPing}
            onChange={(event) => setAutoPing(event.target.checked)}
          />
          Auto-ping every 5 s
        </label>
        <fieldset className="ping-legs">
          <legend>Call</legend>
          {(Object.keys(legs) as Leg[]).map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="leg"
                value={name}
                checked={leg === name}
                onChange={() => setLeg(name)}
              />
              <code>{legs[name]}</code>
            </label>
          ))}
        </fieldset>
        <label className="ping-length">
          Length
          <input
            type="number"
            min={1}
            max={1024}
            disabled={leg === 'ping'}
            // An emptied field is NaN; it stays empty on the screen, and is sent as 0.
            value={length || ''}
            onChange={(event) => setLength(event.target.valueAsNumber || 0)}
          />
        </label>
      </div>
      <div className="ping-result" role="status" aria-live={isNews(calls) ? 'polite' : 'off'}>
        <Result call={calls[0]} />
      </div>
    </section>
  )
}

function Result({ call }: { call: Call | undefined }) {
  if (call === undefined)
    return (
      <p className="hint">Nothing called since this page was loaded. One click makes one trace.</p>
    )
  if (call.state === 'running') return <p className="hint">Waiting for the API…</p>
  const { status, bytes = 0, durationMs = 0, failure } = call
  const time = `in ${formatMillis(durationMs)}`
  if (failure === undefined) {
    return <p className="ping-ok">{`Status ${status}, ${formatBytes(bytes)} ${time}`}</p>
  }
  return (
    <>
      <p className="ping-failure">
        {status === undefined ? failure.summary : `Status ${status} ${time}. ${failure.summary}`}
      </p>
      {failure.legs && (
        <ul>
          {failure.legs.map(({ leg, reason }) => (
            <li key={leg}>
              <strong>{leg}</strong>: <LongText text={reasonText(reason)} />
            </li>
          ))}
        </ul>
      )}
      {failure.advice && <p className="hint">{failure.advice}</p>}
    </>
  )
}
