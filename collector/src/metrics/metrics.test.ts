import { Client, credentials } from '@grpc/grpc-js'
import { freePort } from '@pingtrace/loopback/free-ports'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { readForwardSettings } from '../exporters/settings.ts'
import {
  openStream,
  pageOrigin,
  postTraces,
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  traceIdOf,
  tracesData,
} from '../testing.ts'
import { exposition } from './exposition.ts'

/**
 * A strict reader of the text format: every sample after the HELP and the TYPE of its metric, no
 * series twice, nothing else on a line.
 * @returns value by `name{labels}`, labels unescaped and in order of their names
 */
function parse(text: string): Map<string, number> {
  expect(text.endsWith('\n')).toBe(true)
  const series = new Map<string, number>()
  const types = new Map<string, string>()
  const helped = new Set<string>()
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, about, rest] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? []
    if (keyword === 'HELP') {
      expect(helped.has(about!), about).toBe(false)
      helped.add(about!)
      continue
    }
    if (keyword === 'TYPE') {
      expect(rest).toMatch(/^(counter|gauge)$/)
      expect(rest === 'counter', about).toBe(about!.endsWith('_total'))
      types.set(about!, rest!)
      continue
    }
    const [, name, , labels = '', value] =
      /^([a-zA-Z_:][\w:]*)(\{((?:\w+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)$/.exec(line) ?? []
    expect(types.has(name!) && helped.has(name!), line).toBe(true)
    expect(Number.isNaN(Number(value)), line).toBe(false)
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
      ([, key, text]) =>
        `${key}=${text!.replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c))}`,
    )
    const key = `${name}{${pairs.sort().join(',')}}`
    expect(series.has(key), key).toBe(false)
    series.set(key, Number(value))
  }
  return series
}

async function metricsOf(collector: TestCollector): Promise<Map<string, number>> {
  const response = await collector.query('/metrics')
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  return parse(await response.text())
}

function call({ ports }: TestCollector, service: string, message: Uint8Array): Promise<void> {
  const client = new Client(`127.0.0.1:${ports.otlpGrpc}`, credentials.createInsecure())
  onTestFinished(() => client.close())
  const same = (bytes: Buffer) => bytes
  return new Promise((resolve, reject) => {
    const path = `/opentelemetry.proto.collector.${service}/Export`
    client.makeUnaryRequest(path, same, same, Buffer.from(message), (error) =>
      error === null ? resolve() : reject(error),
    )
  })
}

const one = (n: number) => span(traceIdOf(n), spanIdOf(n))

describe('GET /metrics', () => {
  it('counts spans by receiver, under the names of the official Collector', async () => {
    const collector = await startTestCollector()
    await call(collector, 'trace.v1.TraceService', request('shop', one(1), one(2), span('', '')))
    await collector.send(request('shop', one(3)))
    const body = JSON.stringify(tracesData('shop', one(4)))
    const json = { 'content-type': 'application/json' }
    expect((await postTraces(collector.ports.otlpHttp, body, json)).status).toBe(200)
    expect((await postTraces(collector.ports.otlpHttp, '{', json)).status).toBe(400)
    await call(collector, 'logs.v1.LogsService', new Uint8Array())

    const metrics = await metricsOf(collector)
    const expected = {
      'otelcol_receiver_accepted_spans_total{receiver=otlp,transport=grpc}': 2,
      'otelcol_receiver_accepted_spans_total{receiver=otlp,transport=http}': 2,
      'otelcol_receiver_refused_spans_total{receiver=otlp,transport=grpc}': 1,
      'otelcol_receiver_refused_spans_total{receiver=otlp,transport=http}': 0,
      'pingtrace_receiver_answers_total{code=0,receiver=otlp,transport=grpc}': 2,
      'pingtrace_receiver_answers_total{code=200,receiver=otlp,transport=http}': 2,
      'pingtrace_receiver_answers_total{code=400,receiver=otlp,transport=http}': 1,
      'pingtrace_receiver_dropped_requests_total{signal=logs}': 1,
      'pingtrace_receiver_bytes_in_flight{}': 0,
      'pingtrace_store_spans{}': 4,
      'pingtrace_store_traces{}': 4,
    }
    expect(Object.fromEntries(metrics)).toMatchObject(expected)
    expect(metrics.get('otelcol_process_memory_rss_bytes{}')).toBeGreaterThan(1e7)
    expect(metrics.get('otelcol_process_cpu_seconds_total{}')).toBeGreaterThan(0)
    expect(metrics.get('otelcol_process_uptime_seconds_total{}')).toBeGreaterThan(0)
  })

  it('counts spans by exporter', async () => {
    const takes = await startTestCollector()
    const to = (id: string, port: number) => {
      const endpoint = `http://127.0.0.1:${port}`
      return { id, forward: readForwardSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })! }
    }
    const settings = [to('otlp/takes', takes.ports.otlpHttp), to('otlp/away', await freePort())]
    const collector = await startTestCollector(undefined, { exporters: settings })
    await collector.send(request('shop', one(1), one(2)))
    await vi.waitUntil(async () => {
      const metrics = await metricsOf(collector)
      return metrics.get('otelcol_exporter_sent_spans_total{exporter=otlp/takes}') === 2
    })
    expect(Object.fromEntries(await metricsOf(collector))).toMatchObject({
      'otelcol_exporter_sent_spans_total{exporter=otlp/away}': 0,
      'otelcol_exporter_send_failed_spans_total{exporter=otlp/away}': 0,
      'otelcol_exporter_enqueue_failed_spans_total{exporter=otlp/away}': 0,
      'otelcol_exporter_queue_size{data_type=traces,exporter=otlp/away}': 1,
      'otelcol_exporter_queue_size{data_type=traces,exporter=otlp/takes}': 0,
      'pingtrace_exporter_queued_spans{exporter=otlp/away}': 2,
    })
  })

  it('counts the streams that are open', async () => {
    const collector = await startTestCollector()
    const stream = await openStream(collector)
    expect((await metricsOf(collector)).get('pingtrace_streams{}')).toBe(1)
    stream.close()
    await vi.waitUntil(async () => (await metricsOf(collector)).get('pingtrace_streams{}') === 0)
  })

  it('is for programs of this machine and listed pages alone', async () => {
    const collector = await startTestCollector()
    const asked = async (origin: string) => (await collector.query('/metrics', { origin })).status
    expect(await asked('https://stranger.test')).toBe(403)
    expect(await asked(pageOrigin)).toBe(200)
  })
})

it('the text says any label so that it can be read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.double({ noNaN: true }), (text, value) => {
      fc.pre(!/[\r\u2028\u2029]/.test(text))
      const samples = [{ labels: { exporter: text }, value }]
      const series = parse(exposition([{ name: 'a', help: 'A b.', type: 'gauge', samples }]))
      expect(series.get(`a{exporter=${text}}`)).toBe(value === 0 ? 0 : value)
    }),
  )
})
