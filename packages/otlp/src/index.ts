export { type ExporterSetting, exporterSettings, type OtlpPorts } from './exporter-settings.ts'
export type {
  MatchedTrace,
  PartialReason,
  SearchError,
  SearchResult,
  TraceSummary,
} from './live.ts'
export type * from './otlp-json.ts'
export { readSpans, readValue } from './read-spans.ts'
export type {
  Attributes,
  AttributeValue,
  Span,
  SpanEvent,
  SpanKind,
  SpanLink,
  StatusCode,
} from './span.ts'
