/** Test material that needs no test runner: short hand-written spans as OTLP, and how to send them. */
import type { OtlpSpan, TracesData } from '@pingtrace/otlp'
import { transcodeTraces } from './otlp/json-to-protobuf.ts'

/** The n-th trace id, span id: readable, and valid for n > 0. */
export const traceIdOf = (n: number) => n.toString(16).padStart(32, '0')
export const spanIdOf = (n: number) => n.toString(16).padStart(16, '0')

/** A valid span; what a test is about goes in `fields`. */
export function span(traceId: string, spanId: string, fields: OtlpSpan = {}): OtlpSpan {
  return {
    traceId,
    spanId,
    name: 'work',
    kind: 1,
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000000001000000',
    ...fields,
  }
}

export function tracesData(service: string, ...spans: OtlpSpan[]): TracesData {
  const attributes = [{ key: 'service.name', value: { stringValue: service } }]
  return { resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans }] }] }
}

/** The protobuf of a request from one service. */
export function request(service: string, ...spans: OtlpSpan[]): Uint8Array {
  return transcodeTraces(Buffer.from(JSON.stringify(tracesData(service, ...spans))))
}

/** POST /v1/traces, as protobuf unless the headers say otherwise. */
export function postTraces(
  port: number,
  body: Uint8Array | string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  })
}
