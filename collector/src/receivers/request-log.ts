import type { CrossOriginRequest, ReceivedRequest } from '@pingtrace/otlp'
import type { TracesOutcome } from '../consumer.ts'
import { describeSender } from './describe-sender.ts'
import type { Failure } from './errors.ts'

/** How many requests each receiver remembers. */
const remembered = 200
/** Of a text that a sender wrote. */
const longestText = 300
/** Of a preflight. */
const mostHeaders = 50

type Told = Omit<ReceivedRequest, 'number' | 'time' | 'transport' | 'kind' | 'service' | 'sdk'>

/** What a receiver notes of a request while it serves it. */
export type RequestNote = Pick<ReceivedRequest, 'transport' | 'kind'> & {
  [Key in keyof Told]?: Told[Key] | undefined
} & {
  /** What tells of its sender, in protobuf (`senderOf`); read only when somebody looks. */
  sender?: Buffer | undefined
}

type Entry = RequestNote & Pick<ReceivedRequest, 'number' | 'time' | 'outcome'>

/**
 * The last requests of each receiver, for whoever asks why their spans do not arrive. Senders pay for
 * one small object; what is in it is read when somebody looks.
 */
export class RequestLog {
  readonly #entries: Record<'http' | 'grpc', Entry[]> = { http: [], grpc: [] }
  readonly #places = { http: 0, grpc: 0 }
  readonly #listeners = new Set<() => void>()
  #count = 0

  /** How many there have been since the start. */
  get count(): number {
    return this.#count
  }

  add(note: RequestNote): void {
    const entries = this.#entries[note.transport]
    const entry: Entry = {
      ...note,
      number: ++this.#count,
      time: Date.now(),
      outcome: note.outcome ?? 'gone',
    }
    // A ring: each takes the place of the oldest.
    entries[this.#places[note.transport]++ % remembered] = entry
    for (const listener of this.#listeners) listener()
  }

  /** Those after a number that are still remembered, the oldest first. */
  after(number: number): ReceivedRequest[] {
    return [...this.#entries.http, ...this.#entries.grpc]
      .filter((entry) => entry.number > number)
      .sort((a, b) => a.number - b.number)
      .map(describe)
  }

  /** Calls the listener after each request. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** What a consumer said of the spans of a request. */
export function noteOutcome(note: RequestNote, outcome: TracesOutcome): void {
  const { acceptedSpans, rejectedSpans, message } = outcome
  note.outcome = rejectedSpans > 0 ? 'partial' : 'accepted'
  note.acceptedSpans = acceptedSpans
  note.rejectedSpans = rejectedSpans
  if (message !== '') note.message = message
}

/** Why a request was turned away. */
export function noteFailure(note: RequestNote, { message, advice, retryAfter }: Failure): void {
  note.outcome = retryAfter === undefined ? 'refused' : 'retry'
  note.message = message
  note.advice = advice
}

/**
 * The sender went away before it was answered.
 * @param announced how many bytes it wanted to send, as far as it said
 */
export function noteGone(note: RequestNote, announced?: number): void {
  // It may have been told before that it could be read no further.
  if (note.outcome !== undefined) return
  const { wireBytes = 0 } = note
  note.outcome = 'gone'
  if (announced === wireBytes) return
  note.message = `it ended after ${wireBytes}${announced === undefined ? '' : ` of ${announced}`} bytes`
  note.advice =
    'Look at the sender’s timeout (OTEL_EXPORTER_OTLP_TIMEOUT), at a page that was left meanwhile, or at a proxy between.'
}

function describe({ sender, ...entry }: Entry): ReceivedRequest {
  const { message, origin, userAgent, compression, path, asked, allowed } = entry
  const texts = { message, origin, userAgent, compression, path }
  const all = { ...texts, ...(sender && describeSender(sender)) }
  const cut = Object.entries(all).map(([key, text]) => [key, text?.slice(0, longestText)])
  const headers = { asked: asked && cutHeaders(asked), allowed: allowed && cutHeaders(allowed) }
  // As JSON leaves them out, which is all that becomes of it.
  return JSON.parse(JSON.stringify({ ...entry, ...Object.fromEntries(cut), ...headers }))
}

function cutHeaders({ method, headers }: CrossOriginRequest): CrossOriginRequest {
  const cut = headers.slice(0, mostHeaders).map((name) => name.slice(0, longestText))
  return { ...(method && { method: method.slice(0, longestText) }), headers: cut }
}
