/**
 * What a receiver remembers of one request, whatever became of it. `GET /live/v1/requests` answers
 * `{ requests: ReceivedRequest[] }`, the newest first; the event `requests` of
 * `GET /live/v1/requests/stream` carries the same, the oldest first.
 */
export interface ReceivedRequest {
  /** Counts the requests of the collector since its start. */
  number: number
  /** Milliseconds since the Unix epoch: when it was answered. */
  time: number
  transport: 'http' | 'grpc'
  /** What it carried; `preflight` is a browser's question before it, and `other` none of these. */
  kind: 'traces' | 'logs' | 'metrics' | 'profiles' | 'preflight' | 'other'
  outcome: RequestOutcome
  /** The status of its answer: of HTTP, or of gRPC. Absent where the sender did not wait for one. */
  code?: number
  /** Why it was refused, or some of its spans were. */
  message?: string
  /** What to do about it, where that is known. */
  advice?: string
  /** The page that sent it, where it was one. */
  origin?: string
  userAgent?: string
  encoding?: 'protobuf' | 'json'
  compression?: string
  /** Where it was sent, where that is not what its kind says. */
  path?: string
  /** Of its content as it came, or was announced. Of one that was refused on its way, what had come. */
  wireBytes?: number
  /** Of its content, decompressed. */
  bytes?: number
  acceptedSpans?: number
  rejectedSpans?: number
  /** `service.name` of its first resource, and the SDK that made it. */
  service?: string
  sdk?: string
  /** Of a preflight: the method and the headers that the page asked for, and those that it may send. */
  asked?: CrossOriginRequest
  allowed?: CrossOriginRequest
}

/** What a browser asks for, and is told, before a page may send. Names are in lower case. */
export interface CrossOriginRequest {
  method?: string
  headers: string[]
}

/**
 * - `accepted`: all of it is stored
 * - `partial`: some of its spans are
 * - `dropped`: taken and not kept, because it was no traces
 * - `refused`: turned away for good; what it carried is lost
 * - `retry`: turned away for now; a sender that tries again loses nothing
 * - `gone`: the sender went away before it was answered
 */
export type RequestOutcome = 'accepted' | 'partial' | 'dropped' | 'refused' | 'retry' | 'gone'
