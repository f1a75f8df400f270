import type { ServerResponse } from 'node:http'
import { serve } from './test-server.ts'

/** An API that answers when it is told to; no `Timing-Allow-Origin`. */
export interface HeldApi {
  url: string
  /** Resolves to the trace id of the next traced request, as soon as it waits for its answer. */
  asked(): Promise<string>
  /** Answers whatever waits. */
  release(): void
  close(): Promise<void>
}

export async function serveHeldApi(): Promise<HeldApi> {
  const waiting: ServerResponse[] = []
  let tell: (traceId: string) => void = () => undefined
  const server = await serve((request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', 'traceparent')
    const { traceparent } = request.headers
    if (traceparent === undefined) {
      // A preflight, or the page's look at /health, which is no traced call.
      response.end()
      return
    }
    waiting.push(response)
    tell(String(traceparent).split('-')[1] ?? '')
  })
  return {
    url: `http://localhost:${server.port}`,
    asked: () => new Promise((resolve) => (tell = resolve)),
    release: () => {
      for (const response of waiting.splice(0)) response.end('late')
    },
    close: server.close,
  }
}
