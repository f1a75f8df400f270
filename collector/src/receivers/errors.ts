import { status } from '@grpc/grpc-js'
import { ingestTokenVariable } from '@pingtrace/loopback'
import { MalformedError, TooLargeError } from '../consumer.ts'

/** A request is larger than the receivers take, as it came or decompressed. */
export function tooManyBytes(maxBytes: number): TooLargeError {
  return new TooLargeError(`a request may have ${maxBytes} bytes, decompressed as well`)
}

/** There is no room for another request now. */
export class OverloadedError extends Error {
  override name = 'OverloadedError'
}

/** What a sender is told about a failure, in both protocols' words. */
export interface Failure {
  httpStatus: number
  /** Number of google.rpc.Code; also the `code` of the Status in an HTTP body. */
  grpcCode: status
  message: string
  /** What to do about it, for whoever looks at the collector. */
  advice?: string | undefined
  /** Whole seconds to wait before sending the same again; absent when that cannot help. */
  retryAfter?: number
}

/** Whoever sends has not the token; to try again does not help. */
export const unauthorized: Failure = {
  httpStatus: 401,
  grpcCode: status.UNAUTHENTICATED,
  message: `spans are taken with "authorization: Bearer <token>" only: ${ingestTokenVariable} has it`,
  advice:
    'Give the sender the token: OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20<token>, or a header in code.',
}

/**
 * The one place that decides whether a sender should try again. HTTP clients retry 503 and honour
 * Retry-After, gRPC clients retry UNAVAILABLE (opentelemetry-proto, docs/specification.md, "OTLP/HTTP
 * Throttling" and "Failures"); nothing else that we send is retryable.
 */
export function classify(error: unknown): Failure {
  if (error instanceof TooLargeError) {
    const { message } = error
    const advice =
      'Send less at a time: OTEL_BSP_MAX_EXPORT_BATCH_SIZE of an SDK, send_batch_max_size of the official Collector.'
    return { httpStatus: 413, grpcCode: status.RESOURCE_EXHAUSTED, message, advice }
  }
  if (error instanceof MalformedError) {
    const { message } = error
    const advice =
      'The body is not the OTLP that its content type names: look at how the exporter encodes it, and at what lies between.'
    return { httpStatus: 400, grpcCode: status.INVALID_ARGUMENT, message, advice }
  }
  if (error instanceof OverloadedError) {
    const { message } = error
    return { httpStatus: 503, grpcCode: status.UNAVAILABLE, message, retryAfter: 1 }
  }
  // The cause stays here (it may name paths of this machine); the store has logged it.
  const message = 'the spans could not be stored now, send them again'
  return { httpStatus: 503, grpcCode: status.UNAVAILABLE, message, retryAfter: 1 }
}
