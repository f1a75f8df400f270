import type { SearchError } from '@pingtrace/otlp'
import { createParser } from 'eventsource-parser'
import { fetchQuery } from './query-token.ts'

export interface StreamEvent {
  /** As the server named it; `reset` says that what follows starts again from the beginning. */
  event: string
  data: unknown
}

export interface EventStreamHandlers {
  onOpen(): void
  /** What came in one piece: no events for a mere comment; the id of the last event, if any. */
  onChunk(events: StreamEvent[], lastId: string | undefined): void
}

export interface StreamLimits {
  /** How long the answer may take to begin. */
  answerMs: number
  /** How long nothing at all may arrive before the line counts as dead. */
  silenceMs: number
}

/** The connection was taken, and then nothing came: whoever listens there is stopped or stuck. */
export class NoAnswer extends Error {}

/** The collector tells nothing without its token, or does not take the one that we have. */
export class TokenWanted extends Error {}

/** The collector answers, and what it asks in turn does not; the message is the collector's. */
export class BehindAway extends Error {}

/**
 * Reads one response of server-sent events to its end.
 * @throws NoAnswer when none begins in time
 * @throws TokenWanted when the collector asks for its token
 * @throws BehindAway when what the collector asks in turn is away
 * @throws Error when there is none, it is not an event stream, it is garbled, or it falls silent
 */
export async function readEventStream(
  url: string,
  { onOpen, onChunk }: EventStreamHandlers,
  stop: AbortSignal,
  { answerMs, silenceMs }: StreamLimits,
): Promise<void> {
  const attempt = new AbortController()
  const signal = AbortSignal.any([stop, attempt.signal])
  const silent = (): void => attempt.abort(new Error(`nothing came for ${silenceMs / 1000} s`))
  let silence = setTimeout(() => attempt.abort(new NoAnswer()), answerMs)
  try {
    const response = await fetchQuery(url, {
      headers: { accept: 'text/event-stream' },
      cache: 'no-store',
      signal,
    })
    if (response.status === 401) throw new TokenWanted()
    if (response.status === 502) throw await behindAway(response)
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      throw new Error('the answer is not an event stream')
    }
    clearTimeout(silence)
    silence = setTimeout(silent, silenceMs)
    onOpen()

    let events: StreamEvent[] = []
    let lastId: string | undefined
    const parser = createParser({
      onEvent: ({ event = 'message', data, id }) => {
        events.push({ event, data: JSON.parse(data) as unknown })
        lastId = id
      },
    })
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      clearTimeout(silence)
      silence = setTimeout(silent, silenceMs)
      parser.feed(chunk.value)
      onChunk(events, lastId)
      events = []
    }
  } finally {
    clearTimeout(silence)
    // Lets go of the connection when something else than its end ended the reading.
    attempt.abort()
  }
}

/** What the collector says of it, which it does in JSON; something between may answer in its place. */
async function behindAway(response: Response): Promise<Error> {
  try {
    const { error } = (await response.json()) as SearchError
    return new BehindAway(error.message)
  } catch {
    // It was no answer of the collector.
    return new Error(`HTTP ${response.status}`)
  }
}
