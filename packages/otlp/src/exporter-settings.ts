/** Where a collector receives OTLP: the ports of its two transports. */
export interface OtlpPorts {
  grpc: number
  http: number
}

export interface ExporterSetting {
  /** Who sets it. */
  sender: string
  /** What to set, as it is typed. */
  line: string
}

/**
 * What points an OpenTelemetry SDK at a collector, for each way in. The variables are those of the
 * OpenTelemetry specification (protocol/exporter.md). The protocol is named in both, because the
 * languages' defaults differ. A page has no environment: its exporter takes the whole URL.
 * @param host a name or address as in a URL
 * @param needToken whether senders have to show one, whose place is then shown, never itself
 */
export function exporterSettings(
  host: string,
  { grpc, http }: OtlpPorts,
  needToken = false,
): ExporterSetting[] {
  const headers = needToken ? ", headers: { authorization: 'Bearer <PINGTRACE_INGEST_TOKEN>' }" : ''
  const program = (port: number, protocol: string) =>
    `OTEL_EXPORTER_OTLP_ENDPOINT=http://${host}:${port} OTEL_EXPORTER_OTLP_PROTOCOL=${protocol}`
  return [
    { sender: 'A program, over HTTP', line: program(http, 'http/protobuf') },
    { sender: 'A program, over gRPC', line: program(grpc, 'grpc') },
    // Percent-encoded, as the variable's specification has it.
    ...(needToken
      ? [
          {
            sender: 'Each with the token',
            line: 'OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20<PINGTRACE_INGEST_TOKEN>',
          },
        ]
      : []),
    {
      sender: 'A page of this machine',
      line: `new OTLPTraceExporter({ url: 'http://${host}:${http}/v1/traces'${headers} })`,
    },
  ]
}

/** The same for a person at a terminal of the collector's machine; without a newline at its end. */
export function describeExporterSettings(ports: OtlpPorts, needToken: boolean): string {
  const ways = exporterSettings('localhost', ports, needToken)
  const width = Math.max(...ways.map(({ sender }) => sender.length))
  const lines = ways.map(({ sender, line }) => `  ${sender.padEnd(width)}  ${line}`)
  return ['  Point an OpenTelemetry SDK at it:\n', ...lines].join('\n')
}
