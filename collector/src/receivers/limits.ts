/** The official Collector's default; it counts before and after decompression. */
export const maxRequestBytes = 20 * 1024 * 1024

/** What keeps senders, slow ones and too many of them, from taking what the others need. */
export interface ReceiverLimits {
  /** Of all requests together that are being received, or wait to be stored. */
  bytesInFlight: number
  /** Of one port, on each of its addresses; one more is closed as it comes. */
  connections: number
  /** Milliseconds for the headers of an HTTP request. */
  headersMs: number
  /** Milliseconds for all of a request. */
  requestMs: number
  /** Milliseconds that a connection may be open without a request. */
  idleMs: number
}

export const receiverLimits: ReceiverLimits = {
  // Twelve of the largest requests, or what a hundred thousand small senders have under way.
  bytesInFlight: 256 * 1024 * 1024,
  // A connection costs some 50 kB; a process may have 1,024 files open where nobody raised that.
  connections: 1_000,
  headersMs: 10_000,
  // SDKs give up after 10 s; the largest request comes through a line of 3 Mbit/s in that time.
  requestMs: 60_000,
  // SDKs send every 5 s, metrics every 60 s: to close before that would cost a connection each time,
  // and now and then a request that is on its way.
  idleMs: 120_000,
}
