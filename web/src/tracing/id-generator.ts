import type { IdGenerator } from '@opentelemetry/sdk-trace-web'

/**
 * Ids from the browser's cryptographic random numbers.
 *
 * The SDK's own generator for browsers uses `Math.random`, which two pages may seed alike and
 * which anyone can predict. W3C Trace Context level 2 asks for ids that are really random.
 */
export const cryptoIdGenerator: IdGenerator = {
  generateTraceId: () => randomHex(16),
  generateSpanId: () => randomHex(8),
}

function randomHex(byteCount: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(byteCount))
  // An id of nothing but zeros means "no id" (W3C Trace Context, sections 3.2.2.3 and 3.2.2.4).
  if (bytes.every((byte) => byte === 0)) return randomHex(byteCount)
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
