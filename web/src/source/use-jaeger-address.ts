import { useEffect, useState } from 'react'
import { fetchQuery } from '../viewer/query-token.ts'

/** Of the Jaeger that the collector was given, if it was given one and tells. */
export function useJaegerAddress(): string | undefined {
  const [address, setAddress] = useState<string>()
  useEffect(() => {
    const stop = new AbortController()
    void readAddress(stop.signal).then((read) => {
      if (!stop.signal.aborted) setAddress(read)
    })
    return () => stop.abort()
  }, [])
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
