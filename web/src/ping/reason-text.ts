/** What the drivers and systems behind the API call the same few things. */
const meanings: [meaning: string, reasons: RegExp][] = [
  ['connection refused', /^ECONNREFUSED$/],
  ['connection lost', /^(ECONNRESET|EPIPE|SocketClosedUnexpectedlyError|MongoNetworkError)$/],
  ['unknown host', /^(ENOTFOUND|EAI_AGAIN)$/],
  ['host unreachable', /^(EHOSTUNREACH|ENETUNREACH)$/],
  ['no answer in time', /^(ETIMEDOUT|\w*Timeout\w*Error|MongoServerSelectionError)$/],
]

/**
 * An error's code or class in words, and that itself behind it, as the span's `error.type` has it:
 * one server's `ETIMEDOUT` is another one's `MongoServerSelectionError`.
 */
export function reasonText(reason: string): string {
  const meaning = meanings.find(([, reasons]) => reasons.test(reason))?.[0]
  return meaning === undefined ? reason || 'nobody knows why' : `${meaning} (${reason})`
}
