import { useEffect, useState } from 'react'
import { CopyButton } from './CopyButton.tsx'
import type { TraceState } from './trace-store.ts'
import { WaitingForTrace } from './WaitingForTrace.tsx'

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
  const host = window.location.hostname
  const http = `http://${host}:${ports.http}`
  return (
    <div className="empty-trace">
      <p>
        No trace has arrived yet. Point an OpenTelemetry SDK at this collector, in any language: its
        first span appears here by itself.
      </p>
      <dl className="connect">
        <Way name="A program, over HTTP" line={`OTEL_EXPORTER_OTLP_ENDPOINT=${http}`} />
        <Way
          name="A program, over gRPC"
          line={`OTEL_EXPORTER_OTLP_ENDPOINT=http://${host}:${ports.grpc} OTEL_EXPORTER_OTLP_PROTOCOL=grpc`}
        />
        <Way
          name="A page of this machine, on any port"
          line={`new OTLPTraceExporter({ url: '${http}/v1/traces' })`}
        />
      </dl>
    </div>
  )
}

function Way({ name, line }: { name: string; line: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <code>{line}</code>
        <CopyButton text={line} what={`the line for: ${name}`} />
      </dd>
    </div>
  )
}

interface OtlpPorts {
  grpc: number
  http: number
}

/** Where the collector receives, as it says itself; OTLP's own ports until it has. */
function useOtlpPorts(): OtlpPorts {
  const [ports, setPorts] = useState<OtlpPorts>({ grpc: 4317, http: 4318 })
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
