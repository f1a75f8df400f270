import { exporterSettings, type OtlpPorts } from '@pingtrace/otlp'
import { useEffect, useState } from 'react'
import { CopyButton } from './CopyButton.tsx'
import type { TraceState } from './trace-store.ts'
import { WaitingForTrace } from './WaitingForTrace.tsx'
import './ConnectSdk.css'

/** Stands where a trace will be: says how to make one come. */
export function ConnectSdk(state: TraceState) {
  const ports = useOtlpPorts()
  if (state.wanted !== undefined) {
    return (
      <div className="empty-trace">
        <WaitingForTrace {...state} />
      </div>
    )
  }
  const settings = ports === undefined ? [] : exporterSettings(window.location.hostname, ports)
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

/** Where the collector receives, as it says itself. A guess might be copied before the answer. */
function useOtlpPorts(): OtlpPorts | undefined {
  const [ports, setPorts] = useState<OtlpPorts>()
  useEffect(() => {
    const stop = new AbortController()
    fetch('/healthz', { signal: stop.signal })
      .then((response) => response.json() as Promise<{ otlpPorts: OtlpPorts }>)
      .then(
        ({ otlpPorts }) => setPorts(otlpPorts),
        // The status above says that the collector is away.
        () => undefined,
      )
    return () => stop.abort()
  }, [])
  return ports
}
