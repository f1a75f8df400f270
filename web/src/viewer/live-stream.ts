import { readEventStream, type StreamEvent } from './event-stream.ts'

/** `away`: the collector does not answer, or has hung up; it is being tried again. */
export type StreamState =
  | { state: 'connecting' }
  | { state: 'live' }
  | { state: 'away'; reason: string }

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
  /** The server comments every 15 s: when three of those are missing, the line is dead. */
  silenceMs: number
}

const defaultTiming: StreamTiming = { firstDelayMs: 250, maxDelayMs: 5_000, silenceMs: 45_000 }

/**
 * Follows one of the collector's streams until it is closed, across restarts of the collector and
 * lost connections: each new attempt resumes after the last event that was handed over.
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
  { firstDelayMs, maxDelayMs, silenceMs }: StreamTiming,
  stop: AbortSignal,
): Promise<void> {
  let position: string | undefined
  let failures = 0
  onState({ state: 'connecting' })
  while (!stop.aborted) {
    const resumed = new URL(url)
    if (position !== undefined) resumed.searchParams.set('after', position)
    const handlers = {
      onOpen: () => onState({ state: 'live' }),
      onChunk: (events: StreamEvent[], lastId: string | undefined) => {
        // Only what arrives proves that the line works; many a proxy accepts and hangs up.
        failures = 0
        if (events.length > 0) onEvents(events)
        position = lastId ?? position
      },
    }
    const reason = await readEventStream(resumed.href, handlers, stop, silenceMs).then(
      () => 'it ended the stream',
      describeFailure,
    )
    if (stop.aborted) return
    onState({ state: 'away', reason })
    // Half of the pause is random, so that pages that lost the collector together do not all
    // come back together.
    const delay = Math.min(maxDelayMs, firstDelayMs * 2 ** failures++)
    await pause(delay * (0.5 + Math.random() / 2), stop)
  }
}

/** fetch says TypeError for whatever keeps it from an answer, in words that differ by browser. */
function describeFailure(error: unknown): string {
  if (error instanceof TypeError) return 'no answer'
  return error instanceof Error ? error.message : String(error)
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
