import type { StreamState } from './live-stream.ts'
import { connectionText } from './stream-words.ts'
import './ConnectionStatus.css'

/** Whether the page hears the collector; in words, the dot only repeats them. */
export function ConnectionStatus({ stream }: { stream: StreamState }) {
  return (
    <p className="connection" data-state={stream.state} role="status">
      <span className="connection-dot" aria-hidden="true" />
      {connectionText(stream, window.location)}
    </p>
  )
}
