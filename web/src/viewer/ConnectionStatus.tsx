import type { Source } from '../source/source.ts'
import type { StreamState } from './live-stream.ts'
import { connectionText, jaegerText } from './stream-words.ts'
import { Text } from './Text.tsx'
import './ConnectionStatus.css'

/** Whether the page hears the collector; in words, the dot only repeats them. */
export function ConnectionStatus({
  stream,
  source = 'collector',
}: {
  stream: StreamState
  source?: Source
}) {
  const text = source === 'jaeger' ? jaegerText : connectionText
  return (
    <p className="connection" data-state={stream.state} role="status">
      <span className="connection-dot" aria-hidden="true" />
      <Text text={text(stream, window.location)} />
    </p>
  )
}
