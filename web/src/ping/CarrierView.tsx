import { useStore } from 'zustand'
import type { Call } from './call.ts'
import { type Traceparent, takeApart } from './carrier.ts'
import { pingStore } from './ping-store.ts'
import { isTraced } from './words.ts'
import './CarrierView.css'

const parts: { key: keyof Traceparent; name: string; meaning: string }[] = [
  { key: 'version', name: 'version', meaning: 'of the format; 00 is the only one there is' },
  { key: 'traceId', name: 'trace id', meaning: 'the same in every span of this trace' },
  { key: 'parentId', name: 'parent id', meaning: 'our client span: the parent of the server’s' },
  {
    key: 'flags',
    name: 'flags',
    meaning: 'two bits: 01, this trace is sampled, record your spans too; 02, its id is random',
  },
]

/** The carrier of the newest call, taken apart: what of the trace crosses the network. */
export function CarrierView() {
  const call = useStore(pingStore, ({ current }) => current)
  if (call === undefined) return null
  const traceparent = takeApart(call.carrier)
  return (
    <section className="carrier-view" aria-labelledby="carrier-title">
      <h2 id="carrier-title">Injected carrier</h2>
      {traceparent ? (
        <>
          <p className="carrier-header">
            <code>traceparent: {call.carrier.traceparent}</code>
          </p>
          <dl className="carrier-parts">
            {parts.map(({ key, name, meaning }) => (
              <div key={key} className={`carrier-part carrier-${name.replace(' ', '-')}`}>
                <dt>{name}</dt>
                <dd>
                  <code>{traceparent[key]}</code>
                  <span className="carrier-meaning">{meaning}</span>
                </dd>
              </div>
            ))}
          </dl>
        </>
      ) : (
        <p className="carrier-none">Not injected: {whyNot(call)}</p>
      )}
    </section>
  )
}

function whyNot(call: Call): string {
  if (!isTraced(call)) return 'tracing is not running in this page, or no request was made.'
  if (call.fault) return 'it was broken on purpose.'
  return `${new URL(call.url).origin} is not on the list of origins that trace headers go to.`
}
