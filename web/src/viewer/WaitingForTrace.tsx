import type { TraceState } from './trace-store.ts'

/** A trace was asked for and nothing of it has come. */
export function WaitingForTrace({ wanted, answered, stream }: TraceState) {
  return (
    <p>
      Waiting for spans of trace <code>{wanted}</code>
      {stream.state === 'away'
        ? ': the collector is away.'
        : answered
          ? ': the collector has none so far.'
          : '…'}
    </p>
  )
}
