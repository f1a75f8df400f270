/** A span as readers want it: names instead of numbers, attributes as a map, its resource at hand. */
export interface Span {
  traceId: string
  spanId: string
  /** Undefined for a root. */
  parentSpanId: string | undefined
  name: string
  kind: SpanKind
  /** Nanoseconds since the Unix epoch. */
  start: bigint
  /** Nanoseconds since the Unix epoch; never before `start` unless the sender said so. */
  end: bigint
  status: { code: StatusCode; message: string }
  attributes: Attributes
  events: SpanEvent[]
  links: SpanLink[]
  traceState: string
  flags: number
  /** The resource's `service.name`; `unknown_service` where it has none. */
  service: string
  resource: Attributes
  scope: { name: string; version: string }
}

/** Span.SpanKind of trace.proto, by number. */
export const spanKinds = [
  'unspecified',
  'internal',
  'server',
  'client',
  'producer',
  'consumer',
] as const
export type SpanKind = (typeof spanKinds)[number]

/** Status.StatusCode of trace.proto, by number. */
export const statusCodes = ['unset', 'ok', 'error'] as const
export type StatusCode = (typeof statusCodes)[number]

export interface SpanEvent {
  name: string
  /** Nanoseconds since the Unix epoch. */
  time: bigint
  attributes: Attributes
}

export interface SpanLink {
  traceId: string
  spanId: string
  attributes: Attributes
}

export type Attributes = Record<string, AttributeValue>

/** 64-bit integers are bigints; byte strings stay base64; an empty AnyValue is null. */
export type AttributeValue =
  | string
  | boolean
  | number
  | bigint
  | null
  | AttributeValue[]
  | { [key: string]: AttributeValue }
