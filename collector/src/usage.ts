import { portVariables } from '@pingtrace/loopback'

const { otlpGrpc, otlpHttp, query } = portVariables

/** What `--help` prints: what one needs to know at the terminal; the rest stands in the README. */
export const usage = `Usage: pingtrace-collector [--config <file>]

Receives OpenTelemetry traces over OTLP, stores them in a folder, and serves queries and the viewer.

  --config <file>              a configuration, a part of the official Collector's YAML (PINGTRACE_CONFIG)
  --help                       prints this

  ${otlpGrpc.name}     OTLP over gRPC, ${otlpGrpc.default}
  ${otlpHttp.name}     OTLP over HTTP, ${otlpHttp.default}
  ${query.name}         viewer and queries, ${query.default}
  PINGTRACE_DATA_DIR           where spans are kept, .pingtrace/segments
  PINGTRACE_RETENTION_BYTES    how much of them, 512MiB
  PINGTRACE_RETENTION_AGE      for how long, 7d
  PINGTRACE_INGEST_TOKEN       what senders have to show
  PINGTRACE_QUERY_TOKEN        what readers have to show
  PINGTRACE_BIND               further addresses to listen on, with both tokens
`
