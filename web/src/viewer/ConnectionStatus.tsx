import type { StreamState } from './live-stream.ts'

/** Whether the page hears the collector; in words, the dot only repeats them. */
export function ConnectionStatus({ stream }: { stream: StreamState }) {
  return (
    <p className="connection" data-state={stream.state} role="status">
      <span className="connection-dot" aria-hidden="true" />
      {connectionText(stream)}
    </p>
  )
}

function connectionText(stream: StreamState): string {
  if (stream.state === 'live') return 'Live: connected to the collector'
  if (stream.state === 'connecting') return 'Connecting to the collector…'
  return `The collector is away (${stream.reason}), reconnecting…`
}
