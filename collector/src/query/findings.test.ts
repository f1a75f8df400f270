import type { Finding } from '@pingtrace/doctor'
import type { OtlpSpan } from '@pingtrace/otlp'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  postTraces,
  request,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  traceIdOf,
} from '../testing.ts'

let collector: TestCollector

beforeEach(async () => {
  collector = await startTestCollector()
})

async function findingsOf(traceId: string) {
  const response = await collector.query(`/live/v1/traces/${traceId}/findings`)
  return { status: response.status, body: (await response.json()) as { findings: Finding[] } }
}

const texts = (values: Record<string, string>): OtlpSpan => ({
  attributes: Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } })),
})
const http = { 'http.request.method': 'GET', 'http.response.status_code': '200' }
const call = texts({ ...http, 'url.full': 'http://localhost:8081/ping' })
const answer = {
  ...http,
  'url.path': '/ping',
  'server.address': 'localhost',
  'server.port': '8081',
}

describe('GET /live/v1/traces/{traceId}/findings', () => {
  it('is empty for a healthy trace', async () => {
    await collector.send(request('web', span(traceIdOf(1), spanIdOf(1), { kind: 3, ...call })))
    const child = { kind: 2, parentSpanId: spanIdOf(1), ...texts(answer) }
    await collector.send(request('api', span(traceIdOf(1), spanIdOf(2), child)))
    expect(await findingsOf(traceIdOf(1))).toEqual({ status: 200, body: { findings: [] } })
  })

  it('finds the other half of a call in another trace, from either side', async () => {
    const absent = { ...answer, 'propagation.extraction': 'absent' }
    await collector.send(request('web', span(traceIdOf(1), spanIdOf(1), { kind: 3, ...call })))
    await collector.send(
      request('api', span(traceIdOf(2), spanIdOf(2), { kind: 2, ...texts(absent) })),
    )
    for (const [here, there] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const { body } = await findingsOf(traceIdOf(here).toUpperCase())
      expect(body.findings).toMatchObject([
        {
          rule: 'header-absent',
          certainty: 'certain',
          span: { traceId: traceIdOf(here) },
          candidates: [{ traceId: traceIdOf(there), spanId: spanIdOf(there) }],
        },
      ])
    }
  })

  it('looks at no trace that is too large, and at the others', async () => {
    collector = await startTestCollector(undefined, { queryLimits: { traceBytes: 10_000 } })
    const absent = { ...answer, 'propagation.extraction': 'absent' }
    const lost = { kind: 2, ...texts(absent) }
    await collector.send(request('web', span(traceIdOf(1), spanIdOf(1), { kind: 3, ...call })))
    await collector.send(request('api', span(traceIdOf(2), spanIdOf(2), lost)))
    const large = { ...lost, traceState: `a=${'x'.repeat(20_000)}` }
    await collector.send(request('api', span(traceIdOf(3), spanIdOf(3), large)))
    const { body } = await findingsOf(traceIdOf(1))
    expect(body.findings.flatMap(({ candidates }) => candidates)).toMatchObject([
      { traceId: traceIdOf(2) },
    ])
  })

  it('says the same after much other traffic', async () => {
    const absent = { ...answer, 'propagation.extraction': 'absent' }
    const server = span(traceIdOf(2), spanIdOf(2), { kind: 2, ...texts(absent) })
    await collector.send(request('web', span(traceIdOf(1), spanIdOf(1), { kind: 3, ...call })))
    await collector.send(request('api', server))
    const first = await findingsOf(traceIdOf(1))
    expect(first.body.findings.map(({ rule }) => rule)).toEqual(['header-absent'])
    const others = Array.from({ length: 150 }, (_, n) => {
      const start = 1_700_000_002_000_000_000n + BigInt(n) * 100_000_000n
      const times = { startTimeUnixNano: `${start}`, endTimeUnixNano: `${start + 1_000_000n}` }
      return span(traceIdOf(n + 100), spanIdOf(n + 100), times)
    })
    await collector.send(request('batch', ...others))
    expect(await findingsOf(traceIdOf(1))).toEqual(first)
  })

  it('knows that a parent may still be under way', async () => {
    const orphan = span(traceIdOf(1), spanIdOf(2), { parentSpanId: spanIdOf(1) })
    await collector.send(request('api', orphan))
    const { body } = await findingsOf(traceIdOf(1))
    expect(body.findings.map(({ rule }) => rule)).toEqual(['not-yet-arrived'])
  })

  it('is 404 for a trace that is not stored, and 400 for what is no id', async () => {
    expect((await findingsOf(traceIdOf(9))).status).toBe(404)
    expect((await findingsOf('abc')).status).toBe(400)
  })

  it('names what a receiver refused as a cause of a parent that is missing', async () => {
    await collector.send(
      request('api', span(traceIdOf(1), spanIdOf(2), { kind: 2, parentSpanId: spanIdOf(1) })),
    )
    await fetch(`http://127.0.0.1:${collector.ports.otlpHttp}/v1/traces`, {
      method: 'OPTIONS',
      headers: { origin: 'https://shop.example' },
    })
    // The parent might come until then.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11_000 })
    onTestFinished(() => void vi.useRealTimers())
    const { body } = await findingsOf(traceIdOf(1))
    expect(body.findings[0]).toMatchObject({ rule: 'parent-missing' })
    expect(JSON.stringify(body)).toContain('https://shop.example')
  })

  it('blames no request that cannot have had the parent in it', async () => {
    const orphan = span(traceIdOf(1), spanIdOf(2), { parentSpanId: spanIdOf(1) })
    await collector.send(request('api', orphan))
    const base = `http://127.0.0.1:${collector.ports.otlpHttp}`
    await fetch(`${base}/favicon.ico`)
    await fetch(`${base}/v1/metrics`)
    const broken = Buffer.concat([request('shop', orphan), Buffer.from([0xff])])
    await postTraces(collector.ports.otlpHttp, broken)
    const later = () => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 11_000 })
    later()
    onTestFinished(() => void vi.useRealTimers())
    const [finding] = (await findingsOf(traceIdOf(1))).body.findings
    expect(finding).toMatchObject({ rule: 'parent-missing' })
    expect(finding?.evidence).not.toHaveProperty('refused by the collector')
    vi.useRealTimers()
    const own = Buffer.concat([request('api', orphan), Buffer.from([0xff])])
    await postTraces(collector.ports.otlpHttp, own)
    later()
    const [blamed] = (await findingsOf(traceIdOf(1))).body.findings
    expect(blamed?.evidence).toMatchObject({
      'refused by the collector': expect.stringMatching(/^api: /),
    })
  })
})
