import { exporterSettings, type OtlpPorts } from '@pingtrace/otlp'
import { useEffect, useState } from 'react'
import { CopyButton } from './CopyButton.tsx'
import { fetchQuery } from './query-token.ts'
import type { TraceState } from './trace-store.ts'
import { WaitingForTrace } from './WaitingForTrace.tsx'
import './ConnectSdk.css'

/** Stands where a trace will be: says how to make one come. */
export function ConnectSdk(state: TraceState) {
  const senders = useSenders()
  if (state.wanted !== undefined) {
    return (
      <div className="empty-trace">
        <WaitingForTrace {...state} />
      </div>
    )
  }
  const { otlpPorts: ports, sendersNeedToken } = senders
  const settings =
    ports === undefined ? [] : exporterSettings(window.location.hostname, ports, sendersNeedToken)
  return (
    <div className="empty-trace">
      <p>
        No trace has arrived yet. Point an OpenTelemetry SDK at this collector, in any language: its
        first span appears here by itself.
      </p>
      <dl className="connect">
        {settings.map(({ sender, line }) => (
          <div key={sender}>
            <dt>{sender}</dt>
            <dd>
              <code>{line}</code>
              <CopyButton text={line} what={`the line for: ${sender}`} />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

/** As much of `/healthz` as senders have to know. */
interface Senders {
  otlpPorts?: OtlpPorts
  sendersNeedToken?: boolean
}

/** Where the collector receives, as it says itself. A guess might be copied before the answer. */
function useSenders(): Senders {
  const [senders, setSenders] = useState<Senders>({})
  useEffect(() => {
    const stop = new AbortController()
    fetchQuery('/healthz', { signal: stop.signal })
      .then((response) => response.json() as Promise<Senders>)
      // The status above says that the collector is away.
      .then(setSenders, () => undefined)
    return () => stop.abort()
  }, [])
  return senders
}
