/** Which door a request came through; stored with it, because senders differ by door. */
export type ReceiverName = 'otlp-grpc' | 'otlp-http-protobuf' | 'otlp-http-json'

/** One export request, as it travels through the collector. */
export interface TracesRequest {
  receiver: ReceiverName
  /** An ExportTraceServiceRequest in protobuf, as it came (JSON was transcoded at the door). */
  payload: Uint8Array
}

/** What became of a request's spans; rejected ones go back to the sender as a partial success. */
export interface TracesOutcome {
  acceptedSpans: number
  /** Spans that nobody could ever find again: their trace id or span id is missing, zero or short. */
  rejectedSpans: number
  /** Why spans were rejected; empty when none were. */
  message: string
}

/**
 * The one joint between receivers and whatever takes their spans: a processor, or the store.
 * Resolves when the request is safe: only then may a receiver acknowledge it. The payload's memory is
 * the receiver's: whoever needs bytes of it after that copies them.
 * @throws MalformedError when the payload is not an ExportTraceServiceRequest (permanent)
 * @throws any other error when it could not be kept this time (retryable)
 */
export interface TracesConsumer {
  consumeTraces(request: TracesRequest): Promise<TracesOutcome>
}

/** The sender's bytes are wrong: sending them again can only fail again. */
export class MalformedError extends Error {
  override name = 'MalformedError'
}

/** There is more in a request than is taken: the sender has to make smaller ones. */
export class TooLargeError extends MalformedError {
  override name = 'TooLargeError'
}
