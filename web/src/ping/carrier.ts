/** A `traceparent` taken apart (W3C Trace Context, section 3.2). */
export interface Traceparent {
  version: string
  traceId: string
  parentId: string
  flags: string
}

/** Undefined when the carrier holds none, or one of another shape. */
export function takeApart(carrier: Record<string, string>): Traceparent | undefined {
  const match = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/.exec(
    carrier.traceparent ?? '',
  )
  if (match === null) return undefined
  const [, version = '', traceId = '', parentId = '', flags = ''] = match
  return { version, traceId, parentId, flags }
}
