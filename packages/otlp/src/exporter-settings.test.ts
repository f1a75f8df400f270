import { expect, it } from 'vitest'
import { exporterSettings } from './exporter-settings.ts'

it('names endpoint and protocol for each way in, and the whole URL for a page', () => {
  expect(exporterSettings('[::1]', { grpc: 1, http: 2 }).map(({ line }) => line)).toEqual([
    'OTEL_EXPORTER_OTLP_ENDPOINT=http://[::1]:2 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    'OTEL_EXPORTER_OTLP_ENDPOINT=http://[::1]:1 OTEL_EXPORTER_OTLP_PROTOCOL=grpc',
    "new OTLPTraceExporter({ url: 'http://[::1]:2/v1/traces' })",
  ])
})
