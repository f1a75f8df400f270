import { answersAtAll } from '../probe.ts'
import {
  BehindAway,
  NoAnswer,
  readEventStream,
  type StreamEvent,
  TokenWanted,
} from './event-stream.ts'
import { whenShown, whileShown } from './page-shown.ts'

/**
 * Whatever is not `live` is being tried again.
 * - `away`: the collector, or what it asks in turn, cannot be reached, or has hung up
 * - `hung`: something takes the connection and does not answer
 * - `refused`: the collector answers, but not to this page
 * - `locked`: the collector asks for its query token
 */
export type StreamState =
  | { state: 'connecting' | 'live' | 'hung' | 'refused' | 'locked' }
  | {
      state: 'away'
      reason: string
      /** The collector is there, and what it asks in turn is not; the reason says so. */
      isBehind?: boolean
    }

export interface LiveStreamOptions {
  url: string
  /** Events in order; those that came in one piece come together, so that one redraw serves all. */
  onEvents(events: StreamEvent[]): void
  onState(state: StreamState): void
  timing?: Partial<StreamTiming>
}

export interface StreamTiming {
  /** The longest first pause before trying again; it doubles with each failure. */
  firstDelayMs: number
  maxDelayMs: number
  /** The collector answers at once, even when it has nothing to say. */
  answerMs: number
  /** The collector comments every 15 s: when two of those are missing, the line is dead. */
  silenceMs: number
}

const defaultTiming: StreamTiming = {
  firstDelayMs: 250,
  maxDelayMs: 5_000,
  answerMs: 5_000,
  silenceMs: 35_000,
}

/**
 * Follows one of the collector's streams until it is closed, across restarts of the collector and
 * lost connections: each new attempt resumes after the last event that was handed over. While the
 * tab is hidden nobody looks: the stream is closed then, and resumed when it is shown again.
 *
 * It reads with fetch because EventSource cannot tell why it failed, retries on its own terms, and
 * gives up for good on an HTTP error. The request is not traced: the viewer looks at traces and
 * must not make any.
 *
 * @returns closes the stream; no handler is called after that
 */
export function openLiveStream(options: LiveStreamOptions): () => void {
  const stop = new AbortController()
  void follow(options, { ...defaultTiming, ...options.timing }, stop.signal)
  return () => stop.abort()
}

async function follow(
  { url, onEvents, onState }: LiveStreamOptions,
  { firstDelayMs, maxDelayMs, ...limits }: StreamTiming,
  stop: AbortSignal,
): Promise<void> {
  let position: string | undefined
  let failures = 0
  onState({ state: 'connecting' })
  for (;;) {
    await whenShown(stop)
    if (stop.aborted) return
    const shown = whileShown(stop)
    const resumed = new URL(url)
    if (position !== undefined) resumed.searchParams.set('after', position)
    let opened = false
    const handlers = {
      onOpen: () => {
        opened = true
        onState({ state: 'live' })
      },
      onChunk: (events: StreamEvent[], lastId: string | undefined) => {
        // Only what arrives proves that the line works; many a proxy accepts and hangs up.
        failures = 0
        if (events.length > 0) onEvents(events)
        position = lastId ?? position
      },
    }
    const lost: StreamState = await readEventStream(resumed.href, handlers, shown, limits).then(
      () => ({ state: 'away', reason: 'it ended the stream' }),
      (error: unknown) => explain(error, opened, resumed.origin),
    )
    if (stop.aborted) return
    // Closed by ourselves: nothing has failed, and who comes back must not wait.
    if (shown.aborted) continue
    onState(lost)
    // Half of the pause is random, so that pages that lost the collector together do not all
    // come back together.
    const delay = Math.min(maxDelayMs, firstDelayMs * 2 ** failures++)
    await pause(delay * (0.5 + Math.random() / 2), shown)
  }
}

async function explain(error: unknown, opened: boolean, origin: string): Promise<StreamState> {
  if (error instanceof NoAnswer) return { state: 'hung' }
  if (error instanceof TokenWanted) return { state: 'locked' }
  // fetch says TypeError for whatever keeps it from an answer, in words that differ by browser. One
  // that breaks off after it began was no refusal.
  if (error instanceof TypeError) {
    const refused = !opened && (await answersAtAll(`${origin}/healthz`))
    return refused ? { state: 'refused' } : { state: 'away', reason: 'no answer' }
  }
  const reason = error instanceof Error ? error.message : String(error)
  return { state: 'away', reason, ...(error instanceof BehindAway && { isBehind: true }) }
}

/** Resolves after the time, or at once when stopped. */
function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      stop.removeEventListener('abort', done)
      resolve()
    }
    stop.addEventListener('abort', done)
  })
}
