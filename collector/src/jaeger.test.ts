import type { KeyValue, OtlpSpan, TracesData } from '@pingtrace/otlp'
import { expect, it } from 'vitest'
import { jaegerProgram, startJaeger } from './jaeger.test-support.ts'
import { postTraces, spanIdOf, startTestCollector, traceIdOf } from './testing.ts'

// The same spans are sent to a running Jaeger and to ours; then both are asked the same questions.
// JAEGER=<path to jaeger 2.20> npx vitest run collector/src/jaeger.test.ts

const began = 1_700_000_000_000_000_000n
const time = 'query.startTimeMin=2023-11-14T22:13:20Z&query.startTimeMax=2023-11-14T22:14:00Z'

function at(offset: number, duration: number): OtlpSpan {
  return {
    startTimeUnixNano: String(began + BigInt(offset)),
    endTimeUnixNano: String(began + BigInt(offset + duration)),
  }
}

const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } })

function resourceSpans(service: string | undefined, spans: OtlpSpan[], more: KeyValue[] = []) {
  const attributes = service === undefined ? more : [text('service.name', service), ...more]
  const scope = { name: 'lib', version: '1.2', attributes: [text('in.scope', 'x')] }
  return { resource: { attributes }, scopeSpans: [{ scope, spans }] }
}

const requests: TracesData[] = [
  {
    resourceSpans: [
      resourceSpans('web', [
        {
          traceId: traceIdOf(1),
          spanId: spanIdOf(1),
          name: 'root',
          kind: 3,
          ...at(0, 5_000_000),
          attributes: [
            { key: 'code', value: { intValue: '500' } },
            { key: 'ratio', value: { doubleValue: 0.5 } },
            { key: 'big', value: { doubleValue: 1e21 } },
            { key: 'flag', value: { boolValue: true } },
            { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }] } } },
            { key: 'bytes', value: { bytesValue: 'AAE=' } },
            text('empty', ''),
          ],
          status: { code: 2, message: 'no' },
        },
      ]),
    ],
  },
  {
    resourceSpans: [
      resourceSpans(
        'api',
        [
          {
            traceId: traceIdOf(1),
            spanId: spanIdOf(2),
            parentSpanId: spanIdOf(1),
            name: '/ping',
            kind: 2,
            ...at(1_000_000, 2_000_000),
            events: [
              {
                timeUnixNano: String(began + 5n),
                name: 'event',
                attributes: [text('in.event', 'x')],
              },
            ],
          },
        ],
        [text('host.name', 'h')],
      ),
    ],
  },
  {
    resourceSpans: [
      resourceSpans('web', [
        {
          traceId: traceIdOf(2),
          spanId: spanIdOf(1),
          name: 'other',
          kind: 1,
          ...at(2_000_000_000, 1_500_000_000),
          status: { code: 1 },
          links: [
            {
              traceId: traceIdOf(1),
              spanId: spanIdOf(1),
              attributes: [text('in.link', 'x')],
            },
          ],
          traceState: 'k=v',
          flags: 257,
        },
      ]),
    ],
  },
  {
    resourceSpans: [
      resourceSpans(undefined, [
        { traceId: traceIdOf(3), spanId: spanIdOf(1), name: 'no kind', ...at(10, 1_000_000) },
      ]),
    ],
  },
]

const found = (parameters: string) => [
  `/api/v3/traces?${time}${parameters}`,
  `/api/v3/trace-summaries?${time}${parameters}`,
]
const byAttribute = (key: string, value: string) =>
  found(`&query.attributes=${encodeURIComponent(JSON.stringify({ [key]: value }))}`)

const questions = [
  '/api/v3/services',
  '/api/v3/operations?service=web',
  '/api/v3/operations?service=none',
  '/api/v3/operations?service=web&spanKind=server',
  '/api/v3/operations?service=api&span_kind=server',
  ...[
    '1',
    traceIdOf(1),
    `${traceIdOf(1)}?rawTraces=true`,
    'AAAAAAAAAAAAAAAAAAAAAQ==',
    'xyz',
    'ff',
  ].map((id) => `/api/v3/traces/${id}`),
  '/api/v3/traces/1?startTime=x',
  '/api/v3/traces/1?rawTraces=maybe',
  '/api/v3/traces',
  '/api/v3/trace-summaries',
  '/api/v3/traces?query.startTimeMin=2023-11-14T22:13:20Z',
  '/api/v3/traces?query.startTimeMin=x&query.startTimeMax=y',
  '/api/v3/traces?query.start_time_min=2023-11-14T22:13:20Z&query.start_time_max=2023-11-14T23:14:00%2B01:00',
  '/api/v3/traces?query.startTimeMin=2023-11-14T22:13:20Z&query.startTimeMax=2023-11-14T22:13:20Z',
  ...[
    '',
    '&query.serviceName=web',
    '&query.service_name=api',
    '&query.serviceName=none',
    '&query.operationName=root',
    '&query.serviceName=api&query.operationName=root',
    '&query.durationMin=1.5s',
    '&query.durationMax=1ms',
    '&query.durationMin=1h2m3.4s',
    '&query.durationMin=5',
    '&query.duration_min=.5ms',
    '&query.searchDepth=1',
    '&query.searchDepth=x',
    '&query.num_traces=2',
    '&query.rawTraces=x',
    '&query.attributes=x',
  ].flatMap(found),
  ...[
    ['code', '500'],
    ['ratio', '0.5'],
    ['flag', 'true'],
    ['bytes', 'AAE='],
    ['empty', ''],
    ['in.event', 'x'],
    ['in.scope', 'x'],
    ['in.link', 'x'],
    ['host.name', 'h'],
    ['error', 'true'],
    ['span.kind', 'client'],
    ['scope.name', 'lib'],
    ['absent', ''],
  ].flatMap(([key = '', value = '']) => byAttribute(key, value)),
]

it.skipIf(!jaegerProgram)(
  `answers as a running Jaeger does${jaegerProgram ? '' : ' (JAEGER is not set)'}`,
  { timeout: 60_000 },
  async () => {
    const jaeger = await startJaeger()
    const { ports } = await startTestCollector()
    for (const body of requests) {
      for (const port of [jaeger.http, ports.otlpHttp]) {
        const json = { 'content-type': 'application/json' }
        expect((await postTraces(port, JSON.stringify(body), json)).status).toBe(200)
      }
    }
    for (const path of questions) {
      expect(await ask(ports.query, path), path).toEqual(await ask(jaeger.query, path))
    }
  },
)

/** Status and body, with what is known to differ (collector/docs/query.md) made the same. */
async function ask(port: number, path: string) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  const body: unknown = JSON.parse(await response.text())
  return { status: response.status, body: response.ok ? comparable(body) : undefined }
}

/** Jaeger writes out zeros and empty lists, sorts otherwise, warns in attributes, and has its own name for no service. */
function comparable(value: unknown): unknown {
  if (value === 'missing-service-name') return 'unknown_service'
  if (Array.isArray(value)) {
    return value.map(comparable).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .map(([key, member]): [string, unknown] => [
      key,
      key === 'attributes' && Array.isArray(member)
        ? comparable(member.filter((attribute) => !isJaegers(attribute)))
        : comparable(member),
    ])
    .filter(([, member]) => member !== 0 && !/^(\[\]|\{\})$/.test(JSON.stringify(member)))
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isJaegers({ key, value }: KeyValue): boolean {
  return key === '@jaeger@warnings' || value?.stringValue === 'missing-service-name'
}
