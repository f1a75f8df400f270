/** What became of one attempt to send a request onwards. */
export type SendResult =
  /** The target has it. `warning` is what its partial success says, if it says anything. */
  | { kind: 'taken'; rejectedSpans: number; warning: string }
  /** Sending the same again may work; `afterMs` is how long the target asks to be left alone. */
  | { kind: 'retry'; reason: string; afterMs?: number }
  /** Sending the same again can only fail again. */
  | { kind: 'refused'; reason: string }

/** Another OTLP endpoint. */
export interface Target {
  /** For people: address and protocol, without anything secret. */
  readonly name: string
  /**
   * Makes one attempt; an outcome of any kind is a result, never an exception.
   * @param body an ExportTraceServiceRequest in protobuf
   * @param stop gives the attempt up
   */
  send(body: Buffer, stop: AbortSignal): Promise<SendResult>
  close(): void
}

/**
 * However long a target asks to be left alone, it is asked again after this: with an HTTP date the
 * answer depends on two clocks, and a wrong one must not silence us for good.
 */
const longestAskedMs = 300_000

export function asked(ms: number): number {
  return Math.min(Math.max(0, ms), longestAskedMs)
}

/** What to do about a failure that people meet first, where the error alone does not say it. */
export function withHint(reason: string): string {
  if (/certificate|self.signed/i.test(reason)) {
    return `${reason} (OTEL_EXPORTER_OTLP_CERTIFICATE names the file of the CA to trust)`
  }
  // What an HTTP/1 client makes of an HTTP/2 server's first frame.
  if (/HPE_|Parse Error|Expected HTTP/.test(reason)) {
    return `${reason} (does it speak gRPC? OTEL_EXPORTER_OTLP_PROTOCOL=grpc)`
  }
  return reason
}
