import { troubleText } from './stream-words.ts'
import { Text } from './Text.tsx'
import type { TraceState } from './trace-store.ts'

/** A trace was asked for and nothing of it has come. */
export function WaitingForTrace({
  wanted,
  answered,
  stream,
  who = 'the collector',
}: TraceState & { who?: string }) {
  const reason = troubleText(stream) ?? (answered ? `${who} has none so far` : undefined)
  return (
    <p>
      Waiting for spans of trace <code>{wanted}</code>
      <Text text={reason === undefined ? '…' : `: ${reason}.`} />
    </p>
  )
}
