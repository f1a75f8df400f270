import { Agent, get, type IncomingMessage } from 'node:http'
import type { Peer } from './peers.ts'

/** Milliseconds between two rounds of queries. */
const queryEveryMs = 500

/** What viewers do beside the load. */
export interface Readers {
  queries: number
  failures: number
  /** Of the stream. */
  kilobytes: number
  stop(): void
}

/** A stream that stays open; lists, searches and metrics in turn. */
export function startReaders({ query }: Peer): Readers {
  const agent = new Agent({ keepAlive: true })
  const readers: Readers = {
    queries: 0,
    failures: 0,
    kilobytes: 0,
    stop() {
      clearInterval(timer)
      stream.destroy()
      agent.destroy()
    },
  }
  let streamed = 0
  const stream = get(`http://${query}/live/v1/stream`, (events) => {
    events.on('data', (chunk: Buffer) => {
      streamed += chunk.length
      readers.kilobytes = Math.round(streamed / 1_000)
    })
    events.on('error', () => undefined)
  })
  // When it is destroyed at the end, so is what it waits for.
  stream.on('error', () => undefined)
  const ask = (path: string) =>
    new Promise<void>((resolve) => {
      const done = (isAnswered: boolean) => {
        readers.queries++
        if (!isAnswered) readers.failures++
        resolve()
      }
      get(`http://${query}${path}`, { agent }, (response: IncomingMessage) => {
        response.on('error', () => done(false)).on('end', () => done(response.statusCode === 200))
        response.resume()
      }).on('error', () => done(false))
    })
  let isAsking = false
  const timer = setInterval(async () => {
    if (isAsking) return
    isAsking = true
    const search = (q: string) => `/live/v1/search?q=${encodeURIComponent(q)}&limit=20`
    for (const path of [
      `/api/v3/trace-summaries?${within('checkout')}`,
      search('{ status = error }'),
      search('{ .enduser.pseudo.id = "user-7" }'),
      '/metrics',
    ]) {
      await ask(path)
    }
    isAsking = false
  }, queryEveryMs)
  return readers
}

/** The latest twenty traces of a service, in the words of api/v3. */
function within(service: string): string {
  const [from, to] = [Date.now() - 3_600_000, Date.now() + 3_600_000]
  return new URLSearchParams({
    'query.serviceName': service,
    'query.startTimeMin': new Date(from).toISOString(),
    'query.startTimeMax': new Date(to).toISOString(),
    'query.searchDepth': '20',
  }).toString()
}
