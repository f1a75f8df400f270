import { type FlushReport, readFlushReport } from './flush-report.ts'

/** Exports what has ended and tells what became of it; undefined when it cannot tell. */
export type Flush = (traceIds: readonly string[]) => Promise<FlushReport | undefined>

/** A party that knows all spans which it has started. */
export interface FlushSource {
  /** For people. */
  name: string
  flush: Flush
}

/** A hook that does not answer for so long is asked again in the next round. */
const hookLimitMs = 3_000

/** The flush hook of a service, by its URL. One that does not answer as it should tells nothing. */
export function hookAt(url: string): FlushSource {
  return {
    name: new URL(url).origin,
    flush: async (traceIds) => {
      const asked = new URL(url)
      for (const traceId of traceIds) asked.searchParams.append('traceId', traceId)
      let response: Response
      try {
        response = await fetch(asked, { method: 'POST', signal: AbortSignal.timeout(hookLimitMs) })
      } catch {
        // Down, or hanging: a test may have arranged for just that.
        return undefined
      }
      if (!response.ok) return undefined
      try {
        return readFlushReport(await response.json())
      } catch (error) {
        throw new Error(`the flush hook ${url} answers wrongly: ${error}`, { cause: error })
      }
    },
  }
}
