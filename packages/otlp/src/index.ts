export {
  describeExporterSettings,
  type ExporterSetting,
  exporterSettings,
  type OtlpPorts,
} from './exporter-settings.ts'
export type {
  Arrival,
  ArrivedSpans,
  DurationStats,
  MatchedTrace,
  OperationStats,
  OperationStep,
  OperationsResult,
  OperationTotals,
  PartialReason,
  SearchError,
  SearchResult,
  ServiceEdge,
  ServiceMapResult,
  ServiceNode,
  TimeSteps,
  TraceArrivals,
  TraceSummary,
} from './live.ts'
export type * from './otlp-json.ts'
export { readSpans, readValue } from './read-spans.ts'
export type { CrossOriginRequest, ReceivedRequest, RequestOutcome } from './received-request.ts'
export type {
  Attributes,
  AttributeValue,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
  StatusCode,
} from './span.ts'
export { spanKinds, statusCodes } from './span.ts'
export { SpanDecoder } from './span-decoder.ts'
