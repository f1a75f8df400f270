import type { ReceivedRequest } from '@pingtrace/otlp'
import type { TracesOutcome } from '../consumer.ts'
import { describeSender } from './describe-sender.ts'

/** How many requests each receiver remembers. */
const remembered = 200
/** Bytes of a request that are kept: SDKs write their resource first. */
const headBytes = 1_024
/** Of a text that a sender wrote. */
const longestText = 300

type Told = Omit<ReceivedRequest, 'number' | 'time' | 'transport' | 'kind' | 'service' | 'sdk'>

/** What a receiver notes of a request while it serves it. */
export type RequestNote = Pick<ReceivedRequest, 'transport' | 'kind'> & {
  [Key in keyof Told]?: Told[Key] | undefined
} & {
  /** The start of its content in protobuf; read only when somebody looks. */
  head?: Buffer
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

/** The start of a request, copied: the bytes that it came in are not held for it. */
export function headOf(payload: Uint8Array): Buffer {
  return Buffer.from(payload.subarray(0, headBytes))
}

function describe({ head, ...entry }: Entry): ReceivedRequest {
  const { message, origin, userAgent, compression } = entry
  const texts = { message, origin, userAgent, compression, ...(head && describeSender(head)) }
  const cut = Object.entries(texts).map(([key, text]) => [key, text?.slice(0, longestText)])
  // As JSON leaves them out, which is all that becomes of it.
  return JSON.parse(JSON.stringify({ ...entry, ...Object.fromEntries(cut) }))
}
