import { troubleText } from './stream-words.ts'
import type { TraceState } from './trace-store.ts'

/** A trace was asked for and nothing of it has come. */
export function WaitingForTrace({ wanted, answered, stream }: TraceState) {
  const reason = troubleText(stream) ?? (answered ? 'the collector has none so far' : undefined)
  return (
    <p>
      Waiting for spans of trace <code>{wanted}</code>
      {reason === undefined ? '…' : `: ${reason}.`}
    </p>
  )
}
