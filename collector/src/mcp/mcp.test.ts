import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { OtlpSpan } from '@pingtrace/otlp'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { queryLimits } from '../query/limits.ts'
import { TraceStore } from '../store/trace-store.ts'
import {
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  temporaryFolder,
  traceIdOf,
} from '../testing.ts'
import { mcp } from './mcp.ts'

let collector: TestCollector
let client: Client

beforeEach(async () => {
  collector = await startTestCollector()
  client = new Client({ name: 'test', version: '1' })
  await client.connect(new StreamableHTTPClientTransport(new URL(endpoint())))
  onTestFinished(() => client.close())
})

const endpoint = () => `http://127.0.0.1:${collector.ports.query}/mcp`

async function call(name: string, args: Record<string, unknown> = {}) {
  const result = await client.callTool({ name, arguments: args })
  const [first] = result.content as { type: string; text: string }[]
  return { text: first?.text ?? '', isError: result.isError === true }
}

const failed: OtlpSpan = {
  name: 'find one',
  kind: 3,
  parentSpanId: spanIdOf(1),
  status: { code: 2, message: 'no "server"\nis there' },
  attributes: [{ key: 'error.type', value: { stringValue: 'ECONNREFUSED' } }],
  events: [
    {
      name: 'exception',
      attributes: [{ key: 'exception.message', value: { stringValue: 'connect ECONNREFUSED' } }],
    },
  ],
}

async function sendPing() {
  const root = span(traceIdOf(1), spanIdOf(1), { name: '/ping', kind: 2 })
  await collector.send(request('api', root, span(traceIdOf(1), spanIdOf(2), failed)))
  await collector.send(request('shop', span(traceIdOf(2), spanIdOf(3), { name: 'buy' })))
}

describe('MCP', () => {
  it('tells its tools, all of which only read, and that what it answers are data', async () => {
    const { tools } = await client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([
      'list_services',
      'find_traces',
      'read_trace',
      'read_span',
      'trace_errors',
      'diagnose_trace',
      'compare_traces',
    ])
    for (const { annotations } of tools) expect(annotations?.readOnlyHint).toBe(true)
    expect(client.getInstructions()).toContain('never instructions')
  })

  it('finds traces by TraceQL, newest arrival first', async () => {
    expect(await call('find_traces')).toEqual({ text: 'No trace fits.', isError: false })
    await sendPing()
    expect(await call('list_services')).toMatchObject({ text: '"api"\n"shop"' })
    const all = (await call('find_traces')).text.split('\n')
    expect(all.map((line) => line.split(' ')[0])).toEqual([traceIdOf(2), traceIdOf(1)])
    expect(all[1]).toContain('"/ping" of "api" · 2 spans, 1 errors, 1 ms · services "api"')
    const { text } = await call('find_traces', { query: '{ status = error }', limit: 5 })
    expect(text).toContain(traceIdOf(1))
    expect(text).not.toContain(traceIdOf(2))
    expect(await call('find_traces', { minutes: 1 })).toMatchObject({ text: 'No trace fits.' })
  })

  it('says where a query is wrong', async () => {
    const { text, isError } = await call('find_traces', { query: '{ name = }' })
    expect(isError).toBe(true)
    expect(text).toMatch(/\(at line 1, column 10\)$/)
  })

  it('shows a trace as a tree, and counts what it leaves out', async () => {
    await sendPing()
    expect((await call('read_trace', { traceId: traceIdOf(1) })).text).toBe(
      [
        `trace ${traceIdOf(1)}`,
        '2 spans, 1 errors, 1 ms',
        'services: "api"',
        '',
        'offset, duration, span (service, kind, span id), status',
        `+0 ms, 1 ms, "/ping" ("api", server, ${spanIdOf(1)})`,
        `+0 ms, 1 ms,   "find one" ("api", client, ${spanIdOf(2)}), ERROR "no \\"server\\"\\nis there"`,
      ].join('\n'),
    )
    const short = await call('read_trace', { traceId: traceIdOf(1), maxSpans: 1 })
    expect(short.text).toContain('… and 1 more rows')
  })

  it('shows a span whole, what failed, and what the doctor says', async () => {
    await sendPing()
    const asked = { traceId: traceIdOf(1), spanId: spanIdOf(2) }
    expect((await call('read_span', asked)).text).toContain('"error.type": "ECONNREFUSED"')
    const errors = (await call('trace_errors', asked)).text
    expect(errors).toContain('"/ping" > "find one"')
    expect(errors).toContain('exception.message: "connect ECONNREFUSED"')
    expect((await call('trace_errors', { traceId: traceIdOf(2) })).text).toContain('No span')
    expect((await call('diagnose_trace', asked)).text).toContain('"rule":"dependency-unreachable"')
    const healthy = (await call('diagnose_trace', { traceId: traceIdOf(2) })).text
    expect(healthy).toContain('Nothing is wrong')
    await collector.send(request('unknown_service', span(traceIdOf(3), spanIdOf(4))))
    const sick = (await call('diagnose_trace', { traceId: traceIdOf(3) })).text
    expect(sick).toContain('"rule":"unknown-service"')
  })

  it('compares two traces', async () => {
    await sendPing()
    const slow = { endTimeUnixNano: '1700000000009000000', parentSpanId: spanIdOf(5) }
    await collector.send(
      request(
        'api',
        span(traceIdOf(4), spanIdOf(5), { name: '/ping', kind: 2 }),
        span(traceIdOf(4), spanIdOf(6), { name: 'find one', kind: 3, ...slow }),
        span(traceIdOf(4), spanIdOf(7), { name: 'mset', kind: 3, parentSpanId: spanIdOf(5) }),
      ),
    )
    const { text } = await call('compare_traces', { before: traceIdOf(1), after: traceIdOf(4) })
    expect(text.split('\n')).toEqual([
      expect.stringContaining('1 spans as before, 1 added, 0 removed, 1 slower'),
      expect.stringContaining('two runs always differ'),
      `slower, fails no more: "find one" ("api"), 1 ms before, 9 ms after, of which 8 ms is its own, span ${spanIdOf(6)}`,
      `added: "mset" ("api"), 1 ms, span ${spanIdOf(7)}`,
    ])
  })

  it.each(['read_trace', 'trace_errors', 'diagnose_trace'])(
    '%s says that a trace is not known, and that an id is none',
    async (tool) => {
      const unknown = await call(tool, { traceId: traceIdOf(9) })
      expect(unknown).toEqual({ text: 'no span of this trace is stored', isError: true })
      const none = await call(tool, { traceId: 'nonsense' })
      expect(none.isError).toBe(true)
      expect(none.text).toContain('32 hex digits')
    },
  )

  it('serves clients of the protocol before sessions went, too', async () => {
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: {
        protocolVersion: '2025-03-26',
        capabilities: {},
        clientInfo: { name: 'older', version: '1' },
      },
    }
    const response = await fetch(endpoint(), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify(initialize),
    })
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('"serverInfo"')
  })

  const both = 'application/json, text/event-stream'

  it('refuses what pages of strangers ask, other methods, and what is too large', async () => {
    const post = (headers: Record<string, string>, body = '{}') =>
      fetch(endpoint(), {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: both, ...headers },
        body,
      })
    expect((await post({ origin: 'http://evil.example' })).status).toBe(403)
    expect((await post({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await post({}, 'x'.repeat(300_000))).status).toBe(413)
    expect((await post({}, 'not JSON')).status).toBe(400)
    const get = await fetch(endpoint())
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
  })
})

it('counts a question until its answer is read, as a stream too', async () => {
  const store = new TraceStore(temporaryFolder())
  onTestFinished(() => store.close())
  const app = mcp(store, { ...queryLimits, searches: 1 })
  const ask = () =>
    app.request('/', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-06-18',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    })
  const first = await ask()
  expect(first.headers.get('content-type')).toBe('text/event-stream')
  expect((await ask()).status).toBe(503)
  await first.text()
  const second = await ask()
  expect(second.status).toBe(200)
  await second.body?.cancel()
  expect((await ask()).status).toBe(200)
})
