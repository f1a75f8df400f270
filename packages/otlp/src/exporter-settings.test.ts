import { expect, it } from 'vitest'
import { exporterSettings } from './exporter-settings.ts'

it('names endpoint and protocol for each way in, and the whole URL for a page', () => {
  expect(exporterSettings('[::1]', { grpc: 1, http: 2 }).map(({ line }) => line)).toEqual([
    'OTEL_EXPORTER_OTLP_ENDPOINT=http://[::1]:2 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    'OTEL_EXPORTER_OTLP_ENDPOINT=http://[::1]:1 OTEL_EXPORTER_OTLP_PROTOCOL=grpc',
    "new OTLPTraceExporter({ url: 'http://[::1]:2/v1/traces' })",
  ])
})

it('says where the token goes, where senders need one', () => {
  const lines = exporterSettings('localhost', { grpc: 1, http: 2 }, true).map(({ line }) => line)
  expect(lines.slice(2)).toEqual([
    'OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20<PINGTRACE_INGEST_TOKEN>',
    "new OTLPTraceExporter({ url: 'http://localhost:2/v1/traces', " +
      "headers: { authorization: 'Bearer <PINGTRACE_INGEST_TOKEN>' } })",
  ])
})
