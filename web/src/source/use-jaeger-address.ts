import { useEffect, useState } from 'react'
import type { StreamState } from '../viewer/live-stream.ts'
import { fetchQuery } from '../viewer/query-token.ts'

/**
 * Of the Jaeger that the collector was given, if it was given one and tells.
 * @param stream asked again when it changes: the collector may have been away, or have wanted its token
 */
export function useJaegerAddress(stream: StreamState['state']): string | undefined {
  const [address, setAddress] = useState<string>()
  useEffect(() => {
    const stop = new AbortController()
    void readAddress(stop.signal).then((read) => {
      if (!stop.signal.aborted) setAddress((known) => read ?? known)
    })
    return () => stop.abort()
  }, [stream])
  return address
}

async function readAddress(signal: AbortSignal): Promise<string | undefined> {
  try {
    const response = await fetchQuery('/healthz', { signal, cache: 'no-store' })
    const { jaeger } = (await response.json()) as { jaeger?: unknown }
    return typeof jaeger === 'string' ? jaeger : undefined
  } catch {
    // The status of the stream says that the collector is away.
    return undefined
  }
}
