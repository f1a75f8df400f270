import { once } from 'node:events'
import { type IncomingHttpHeaders, maxHeaderSize } from 'node:http'
import { connect } from 'node:net'
import { propagation, SpanKind } from '@opentelemetry/api'
import { PARENT_ID, TRACE_ID, w3cCases } from '@pingtrace/trace-context/w3c-cases'
import { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { listen, startPropagationService } from './propagation-service.test-support.ts'
import { recordSpans, spanId, traceId } from './record-spans.test-support.ts'
import { serverSpan } from './server-span.ts'

type Line = readonly [name: string, value: string]

const { take } = recordSpans()
/** The headers of the calls that the service made, in their order. */
let received: IncomingHttpHeaders[] = []
let service: Awaited<ReturnType<typeof listen>>
let called: Awaited<ReturnType<typeof listen>>

beforeAll(async () => {
  service = await startPropagationService()
  called = await listen((request, response) => {
    received.push(request.headers)
    response.end('{}')
  })
})
beforeEach(async () => {
  await take()
  received = []
})
afterAll(() => Promise.all([service.close(), called.close()]))

/** Sends header lines exactly as given, over a socket of its own; answers the status. */
async function send(headers: readonly Line[], calls?: number): Promise<number> {
  const call = { url: `http://127.0.0.1:${called.port}/`, arguments: [] }
  const body = calls === undefined ? '' : JSON.stringify(Array(calls).fill(call))
  const lines = [
    `${calls === undefined ? 'GET' : 'POST'} /test HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    `Content-Length: ${body.length}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ]
  const socket = connect(service.port, '127.0.0.1').setEncoding('latin1')
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1')
  let answer = ''
  socket.on('data', (chunk: string) => {
    answer += chunk
  })
  await once(socket, 'end')
  return Number(answer.split(' ')[1])
}

/** The SERVER span of the last request, and the reason that it gives for beginning a trace. */
async function serverSpanOfLast() {
  // It ends when the server has closed the connection: the client may hear of that earlier.
  const span = await vi.waitUntil(async () =>
    (await take()).find(({ kind }) => kind === SpanKind.SERVER),
  )
  return { span, reason: span.attributes['propagation.extraction'] }
}

describe('the cases of the W3C’s harness, over a socket', () => {
  test.each(w3cCases)('test_$name', async ({ exchanges }) => {
    for (const { headers, calls, extraction, tracestate, random } of exchanges) {
      received = []
      expect(await send(headers, calls)).toBe(200)
      const { span, reason } = await serverSpanOfLast()
      expect(reason).toBe(extraction)
      expect(traceId(span) === TRACE_ID).toBe(extraction === undefined)

      expect(received).toHaveLength(calls)
      const parentIds = received.map((sent) => {
        const [version, trace, parentId, flags] = sent.traceparent?.toString().split('-') ?? []
        expect([version, trace]).toEqual(['00', traceId(span)])
        // Sampled always: the caller's flag is its own.
        expect(flags).toBe(random ? '03' : '01')
        expect(sent.tracestate ?? '').toBe(tracestate)
        return parentId
      })
      // Each call has a span of its own, which is neither the caller's nor the SERVER span.
      expect(new Set([...parentIds, PARENT_ID, spanId(span)]).size).toBe(calls + 2)
    }
  })
})

describe('a header that is no parent', () => {
  const valid = `00-${TRACE_ID}-${PARENT_ID}-01`

  test('leaves its evidence on the SERVER span', async () => {
    const cases: [Line[], string, string | undefined][] = [
      [[], 'absent', undefined],
      [[['traceparent', valid.toUpperCase()]], 'malformed', valid.toUpperCase()],
      [[['traceparent', '']], 'malformed', ''],
      [[['traceparent', 'caf\u00e9 \u0080\t!']], 'malformed', 'caf? ??!'],
      [
        [
          ['traceparent', valid],
          ['TraceParent', valid],
        ],
        'duplicated',
        `${valid}, ${valid}`,
      ],
    ]
    for (const [headers, expected, evidence] of cases) {
      expect(await send(headers)).toBe(204)
      const { span, reason } = await serverSpanOfLast()
      expect([reason, span.attributes['propagation.traceparent']]).toEqual([expected, evidence])
      expect(span.parentSpanContext).toBeUndefined()
    }
  })

  test('may be giant, up to what the server takes in all: then 431, no span, and the next is served', async () => {
    expect(maxHeaderSize).toBe(16_384)
    expect(await send([['traceparent', 'x'.repeat(16_000)]])).toBe(204)
    const { span, reason } = await serverSpanOfLast()
    expect(reason).toBe('malformed')
    expect(span.attributes['propagation.traceparent']).toBe(`${'x'.repeat(125)}...`)

    expect(await send([['traceparent', 'x'.repeat(17_000)]])).toBe(431)
    expect(await take()).toEqual([])
    expect(await send([['traceparent', valid]])).toBe(204)
    expect(traceId((await serverSpanOfLast()).span)).toBe(TRACE_ID)
  })

  test('is not looked at twice: a giant tracestate beside it is ignored', async () => {
    const members = Array.from({ length: 32 }, (_, index) => `k${index}=${'v'.repeat(250)}`).join()
    expect(
      await send(
        [
          ['traceparent', 'x'],
          ['tracestate', members],
        ],
        1,
      ),
    ).toBe(200)
    expect(received[0]).not.toHaveProperty('tracestate')
    // And beside a valid one it is passed on within limits.
    expect(
      await send(
        [
          ['traceparent', valid],
          ['tracestate', members],
        ],
        1,
      ),
    ).toBe(200)
    const passedOn = received[1]?.tracestate?.toString() ?? ''
    expect(passedOn).toBe(members.slice(0, passedOn.length))
    expect(passedOn.length).toBeGreaterThan(250)
    expect(passedOn.length).toBeLessThanOrEqual(512)
  })
})

test('baggage is neither read nor written', async () => {
  expect(
    await send(
      [
        ['baggage', 'user=me'],
        ['traceparent', 'x'],
      ],
      1,
    ),
  ).toBe(200)
  expect(received).toHaveLength(1)
  expect(received[0]).not.toHaveProperty('baggage')

  const app = new Hono()
    .use(serverSpan())
    .get('/', (c) => c.json(propagation.getActiveBaggage()?.getAllEntries() ?? 'none'))
  const response = await app.request('/', { headers: { baggage: 'user=me' } })
  expect(await response.json()).toBe('none')
})
