import type { OtlpSpan, TracesData } from '@pingtrace/otlp'
import {
  type LabelledCase,
  merge,
  named,
  ofService,
  setAttribute,
  shift,
  spansOf,
} from '../build.ts'
import type { Recorded } from '../generate.ts'

const otherTrace = 'b7ad6b7169203331b7ad6b7169203331'
const strangerId = '00f067aa0ba902b7'
const client = 'client operation'
const extraction = 'propagation.extraction'
const header = 'propagation.traceparent'

/** The recorded click with one thing broken, or changed in a way that breaks nothing. */
export function brokenClicks(recorded: Recorded): LabelledCase[] {
  const click = () => recorded('one-click')
  const halves = () => {
    const data = click()
    return { page: ofService(data, 'pingtrace-web'), api: ofService(data, 'pingtrace-api') }
  }
  const torn = (change: (ping: OtlpSpan) => void, moveBy = 0): TracesData => {
    const { page, api } = halves()
    move(api, otherTrace)
    const ping = named(api, '/ping')
    delete ping.parentSpanId
    change(ping)
    shift(spansOf(api), moveBy)
    return merge(page, api)
  }
  const both = (rule: LabelledCase['expected'][number]['rule']) => [
    { rule, span: client },
    { rule, span: '/ping' },
  ]
  const traceIdOfPage = named(click(), client).traceId

  return [
    {
      name: 'not-injected',
      about: 'the page did not inject, and the API says so',
      expected: both('header-absent'),
      data: torn((ping) => setAttribute(ping, extraction, 'absent')),
    },
    {
      name: 'not-injected-foreign-server',
      about: 'the same with a server that does not say why',
      expected: both('header-absent'),
      data: torn(() => undefined),
    },
    {
      name: 'mangled',
      about: 'the header lost its flags on the way',
      expected: both('header-malformed'),
      data: torn((ping) => {
        setAttribute(ping, extraction, 'malformed')
        setAttribute(ping, header, `00-${traceIdOfPage}-${strangerId}`)
      }),
    },
    {
      name: 'mangled-far-away',
      about: 'the page’s clock is wrong as well, but the header names the trace',
      expected: both('header-malformed'),
      data: torn((ping) => {
        setAttribute(ping, extraction, 'malformed')
        setAttribute(ping, header, `00-${traceIdOfPage}-${strangerId}`)
      }, 20_000),
    },
    {
      name: 'injected-twice',
      about: 'two instrumentations appended the header',
      expected: both('header-duplicated'),
      data: torn((ping) => {
        setAttribute(ping, extraction, 'duplicated')
        const one = `00-${traceIdOfPage}-${strangerId}-01`
        setAttribute(ping, header, `${one}, ${one}`)
      }),
    },
    {
      name: 'overwritten',
      about: 'a proxy put a traceparent of its own in',
      expected: both('header-overwritten'),
      data: torn((ping) => {
        ping.parentSpanId = strangerId
      }),
    },
    {
      name: 'two-clicks-one-answer',
      about:
        'two requests of the page fit one root: a finding for each of the three, never certain',
      expected: [...both('header-absent'), { rule: 'header-absent', span: client }],
      data: merge(
        torn((ping) => setAttribute(ping, extraction, 'absent')),
        again(halves().page, 'c', 3),
      ),
    },
    {
      name: 'injected-from-the-active-context',
      about: 'the header names the span around the call',
      expected: [{ rule: 'parent-id-mismatch', span: client }],
      data: (() => {
        const { page, api } = halves()
        const call = named(page, client)
        const around: OtlpSpan = {
          ...call,
          spanId: strangerId,
          name: 'click',
          kind: 1,
          attributes: [],
          events: [],
        }
        page.resourceSpans?.[0]?.scopeSpans?.[0]?.spans?.push(around)
        call.parentSpanId = strangerId
        named(api, '/ping').parentSpanId = strangerId
        return merge(page, api)
      })(),
    },
    {
      name: 'not-sampled',
      about: 'flags 00, which the API records all the same',
      expected: [{ rule: 'header-not-sampled', span: '/ping' }],
      data: (() => {
        const data = click()
        setAttribute(named(data, '/ping'), 'propagation.sampled', false)
        return data
      })(),
    },
    {
      name: 'preflight-refused',
      about: 'a click without an answer, after one that had one',
      expected: [{ rule: 'preflight-refused', span: client }],
      data: merge(click(), near(recorded('no-answer'), click(), 900)),
    },
    {
      name: 'server-span-missing',
      about: 'answered, and the API’s half is not there, though it sends its spans here',
      expected: [{ rule: 'server-span-missing', span: client }],
      data: merge(click(), again(halves().page, 'd', 5_000)),
    },
    {
      name: 'server-span-under-way',
      about: 'the same a moment after the page’s span has arrived',
      options: { arrival: { now: 1_000, last: 500 } },
      expected: [{ rule: 'not-yet-arrived', span: client }],
      data: merge(click(), again(halves().page, 'd', 5_000)),
    },
    {
      name: 'page-missing',
      about: 'the page was left before it had exported',
      expected: [{ rule: 'parent-missing', span: '/ping' }],
      data: halves().api,
    },
    {
      name: 'page-under-way',
      about: 'the same, a moment after the API’s spans have arrived',
      options: { arrival: { now: 1_000, last: 900 } },
      expected: [{ rule: 'not-yet-arrived', span: '/ping' }],
      data: halves().api,
    },
    {
      name: 'leg-missing',
      about: 'a span in the middle was never ended',
      expected: [{ rule: 'parent-missing', span: 'server redis operation' }],
      data: without(click(), 'redis_integration'),
    },
    {
      name: 'context-lost-beside',
      about: 'the operations hang below /ping, beside their legs',
      expected: [
        { rule: 'context-lost', span: 'redis_integration' },
        { rule: 'context-lost', span: 'mongo_integration' },
      ],
      data: (() => {
        const data = click()
        const ping = named(data, '/ping').spanId ?? ''
        for (const name of operations) named(data, name).parentSpanId = ping
        return data
      })(),
    },
    {
      name: 'context-lost-in-traces-of-their-own',
      about: 'the operations began traces of their own',
      expected: [
        { rule: 'context-lost', span: 'redis_integration' },
        { rule: 'context-lost', span: 'mongo_integration' },
      ],
      data: (() => {
        const data = click()
        for (const [n, name] of operations.entries()) {
          const operation = named(data, name)
          delete operation.parentSpanId
          operation.traceId = `${n + 1}`.repeat(32)
        }
        return data
      })(),
    },
    ...[-8 * 3_600_000, -1_500, 400, 60_000].map((millis) => ({
      name: `page-clock-${millis}`,
      about: `the page’s clock is off by ${millis} ms`,
      expected: [{ rule: 'clock-skew' as const, span: '/ping' }],
      data: (() => {
        const { page, api } = halves()
        shift(spansOf(page), millis)
        return merge(page, api)
      })(),
    })),
    {
      name: 'skew-within-the-network',
      about: '5 ms, which the way of the request leaves room for: nobody can see it',
      expected: [],
      data: (() => {
        const { page, api } = halves()
        shift(spansOf(page), -5)
        return merge(page, api)
      })(),
    },
    {
      name: 'slept',
      about: 'a leg’s clock stood still for an hour',
      expected: [{ rule: 'clock-jump', span: 'mongo_integration' }],
      data: (() => {
        const data = click()
        shift([named(data, 'mongo_integration'), named(data, 'server mongo operation')], -3_600_000)
        return data
      })(),
    },
    {
      name: 'child-too-early',
      about: 'an operation starts 5 ms before its leg',
      expected: [{ rule: 'child-outside-parent', span: 'server redis operation' }],
      data: (() => {
        const data = click()
        shift([named(data, 'server redis operation')], -5)
        return data
      })(),
    },
    {
      name: 'stock-sdk-rounding',
      about: 'a child 1 ms outside of its parent at either end, as stock OpenTelemetry JS has it',
      expected: [],
      data: (() => {
        const data = click()
        shift([named(data, 'server redis operation')], -1)
        shift([named(data, 'server mongo operation')], 1)
        return data
      })(),
    },
    {
      name: 'exported-twice',
      about: 'every span of the API twice',
      expected: [{ rule: 'duplicate-export', span: '/ping' }],
      data: merge(click(), halves().api),
    },
    {
      name: 'exported-and-changed',
      about: 'one span in two versions',
      expected: [{ rule: 'duplicate-export', span: '/ping' }],
      data: (() => {
        const { api } = halves()
        const later = without(api, ...legs, ...operations)
        setAttribute(named(later, '/ping'), 'http.response.body.size', 12)
        return merge(click(), later)
      })(),
    },
    {
      name: 'clicks-side-by-side',
      about: 'five clicks within 20 ms, all healthy',
      expected: [],
      data: merge(
        click(),
        ...['1', '2', '3', '4'].map((digit) => again(click(), digit, Number(digit) * 5)),
      ),
    },
    {
      name: 'curl-beside-a-click',
      about: 'somebody without a traceparent asks for the same at the same time',
      expected: [],
      data: merge(click(), near(recorded('no-header'), click(), 200)),
    },
    {
      name: 'aborted',
      about: 'the page changed its mind; the API went on',
      expected: [],
      data: (() => {
        const data = click()
        const call = named(data, client)
        call.attributes =
          call.attributes?.filter(({ key }) => key !== 'http.response.status_code') ?? []
        delete call.events
        call.endTimeUnixNano = named(data, 'redis_integration').startTimeUnixNano ?? ''
        return data
      })(),
    },
    {
      name: 'refused-export',
      about: 'the collector turned the page away: its half is missing, and the doctor knows why',
      options: {
        arrival: { now: 60_000, last: 1_000 },
        ingest: [
          {
            kind: 'preflight',
            time: 1_050,
            origin: 'http://localhost:3000',
            reason: 'origin not allowed',
          },
        ],
      },
      expected: [{ rule: 'parent-missing', span: '/ping' }],
      data: halves().api,
    },
  ]
}

const legs = ['redis_integration', 'mongo_integration']
const operations = ['server redis operation', 'server mongo operation']

function move(data: TracesData, traceId: string): void {
  for (const span of spansOf(data)) span.traceId = traceId
}

/** The same once more: other ids, and later by so many milliseconds. */
function again(data: TracesData, digit: string, laterBy: number): TracesData {
  const other = (id: string | undefined) => (id ? `${digit}${digit}${id.slice(2)}` : '')
  for (const span of spansOf(data)) {
    span.traceId = other(span.traceId)
    span.spanId = other(span.spanId)
    if (span.parentSpanId) span.parentSpanId = other(span.parentSpanId)
  }
  shift(spansOf(data), laterBy)
  return data
}

/** Moves a trace to so many milliseconds after the start of another, and to its address. */
function near(data: TracesData, other: TracesData, laterBy: number): TracesData {
  const start = (of: TracesData) =>
    spansOf(of)
      .map(({ startTimeUnixNano }) => Number(BigInt(startTimeUnixNano ?? 0) / 1_000n))
      .reduce((a, b) => Math.min(a, b))
  shift(spansOf(data), (start(other) - start(data)) / 1_000 + laterBy)
  return data
}

function without(data: TracesData, ...names: string[]): TracesData {
  for (const { scopeSpans } of data.resourceSpans ?? []) {
    for (const each of scopeSpans ?? []) {
      each.spans = each.spans?.filter(({ name }) => !names.includes(name ?? '')) ?? []
    }
  }
  return data
}
