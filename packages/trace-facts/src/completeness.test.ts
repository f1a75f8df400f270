import type { Span } from '@pingtrace/otlp'
import { makeSpan } from '@pingtrace/otlp/test-support'
import { buildTraceTree } from '@pingtrace/trace-tree'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completenessOf } from './index.ts'
import { makeCall, makeServer } from './make-call.test-support.ts'

const say = (spans: Span[], isQuiet = false) => completenessOf(buildTraceTree(spans), isQuiet)

const to = (address: string) => ({
  attributes: { 'http.response.status_code': 200n, 'url.full': `http://${address}/ping` },
})
const at8081 = { attributes: { 'server.address': 'localhost', 'server.port': 8081n } }
const click = makeSpan({ spanId: 'a', service: 'web' })
const first = makeCall({ spanId: 'b', parentSpanId: 'a', ...to('localhost:8081') })
const answer = makeServer({ spanId: 'c', parentSpanId: 'b', ...at8081 })
const second = makeCall({ spanId: 'd', parentSpanId: 'a', ...to('127.0.0.1:8081') })
const another = makeServer({ spanId: 'e', parentSpanId: 'd', ...at8081 })

describe('completenessOf', () => {
  it('is complete when nothing is known to be missing', () => {
    expect(say([click, first, answer, second, another])).toEqual({
      state: 'complete',
      missingParents: 0,
      missingServers: 0,
      unseenServers: 0,
    })
  })

  it('waits for a parent, and calls it missing when it has had its time', () => {
    expect(say([first, answer])).toMatchObject({ state: 'waiting', missingParents: 1 })
    expect(say([first, answer], true).state).toBe('incomplete')
    expect(say([click, first, answer], true).state).toBe('complete')
  })

  it('waits for the SERVER span of a service that sent one for another call', () => {
    const spans = [click, first, answer, second]
    expect(say(spans)).toMatchObject({ state: 'waiting', missingServers: 1, unseenServers: 0 })
    expect(say(spans, true).state).toBe('incomplete')
  })

  it('does not know whether others send spans', () => {
    const elsewhere = makeCall({ spanId: 'f', parentSpanId: 'a', ...to('example.com:443') })
    expect(say([click, elsewhere])).toMatchObject({ state: 'complete', unseenServers: 1 })
  })

  it('expects no answer of a database, of a health check, or of what never answered', () => {
    const redis = { 'db.system.name': 'redis', 'http.response.status_code': 200n }
    const health = { ...to('h:1').attributes, 'url.full': 'http://h:1/healthz' }
    const calls = [redis, health, { 'url.full': 'http://localhost:8081/' }].map((attributes, n) =>
      makeCall({ spanId: `f${n}`, parentSpanId: 'a', attributes }),
    )
    expect(say([click, ...calls])).toMatchObject({ missingServers: 0, unseenServers: 0 })
  })

  it('says the same of the same spans in any order, and never less is missing of fewer', () => {
    const all = [click, first, answer, second, another]
    fc.assert(
      fc.property(fc.shuffledSubarray(all), (some) => {
        const isWhole = some.length === all.length
        if (isWhole) expect(say(some).state).toBe('complete')
        expect(say(some)).toEqual(say(all.filter((span) => some.includes(span))))
      }),
    )
  })
})
