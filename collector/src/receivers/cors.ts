/** Which pages may send, as the official Collector's `cors` says it. */
export interface CorsSettings {
  /** Each may have one `*`, for any text. */
  allowedOrigins: readonly string[]
  /** Besides those that every page may send; `*` for all. */
  allowedHeaders: readonly string[]
  /** Seconds that a browser may remember a preflight; 0 leaves that to the browser. */
  maxAge: number
}

/** Whether an `Origin` header is one that a pattern means (rs/cors, which the official one uses). */
export function matchesOrigin(pattern: string, origin: string): boolean {
  const [before = '', after] = pattern.toLowerCase().split('*')
  const text = origin.toLowerCase()
  if (after === undefined) return text === before
  const isLongEnough = text.length >= before.length + after.length
  return isLongEnough && text.startsWith(before) && text.endsWith(after)
}
