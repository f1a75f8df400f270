import type { Span, SpanEvent } from '@pingtrace/otlp'
import { at, makeSpan } from '@pingtrace/otlp/test-support'
import { buildTraceTree } from '@pingtrace/trace-tree'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ms, networkGap } from './index.ts'
import { makeCall, makeServer } from './make-call.test-support.ts'

const gapOf = (...spans: Span[]) => networkGap(buildTraceTree(spans).roots[0]!)

/** Phases and how many milliseconds each took. */
const told = (...spans: Span[]) =>
  gapOf(...spans)?.segments.map(
    ({ phase, start, end }) => `${phase} ${Number(end - start) / 1_000_000}`,
  )

const timing = (moments: Record<string, number>): SpanEvent[] =>
  Object.entries(moments).map(([name, millis]) => ({ name, time: at(millis), attributes: {} }))

const newConnection = timing({
  fetchStart: 1,
  domainLookupStart: 2,
  domainLookupEnd: 5,
  connectStart: 5,
  secureConnectionStart: 9,
  connectEnd: 15,
  requestStart: 22,
  responseStart: 80,
  responseEnd: 95,
})
const call = (known: Partial<Span> = {}) =>
  makeCall({ spanId: 'c', end: at(100), events: newConnection, ...known })
const server = (start: number, end: number, known: Partial<Span> = {}) =>
  makeServer({ spanId: 's', parentSpanId: 'c', start: at(start), end: at(end), ...known })

describe('networkGap', () => {
  it('splits what a browser tells of a call, with the server in its place', () => {
    expect(told(call(), server(30, 70))).toEqual([
      'page 1',
      'queue 1',
      'dns 3',
      'connect 4',
      'tls 6',
      'preflight 7',
      'request 8',
      'server 40',
      'response 10',
      'download 15',
      'page 5',
    ])
    expect(gapOf(call(), server(30, 70))?.between).toBe(ms(60))
  })

  it('has TCP alone without TLS, and neither on a connection that was there', () => {
    const plain = newConnection.filter(({ name }) => name !== 'secureConnectionStart')
    expect(told(call({ events: plain }), server(30, 70))?.slice(3, 5)).toEqual([
      'connect 10',
      'preflight 7',
    ])
    const moments = { domainLookupStart: 1, domainLookupEnd: 1, connectStart: 1, connectEnd: 1 }
    const reused = timing({ fetchStart: 1, ...moments, requestStart: 4, responseStart: 80 })
    expect(told(call({ events: reused }), server(30, 70))?.slice(0, 3)).toEqual([
      'page 1',
      'preflight 3',
      'request 26',
    ])
  })

  it('leaves to the download what the server sent while it was still at work', () => {
    expect(told(call(), server(30, 90))?.slice(-4)).toEqual([
      'request 8',
      'server 50',
      'download 15',
      'page 5',
    ])
  })

  it('says unknown where the browser hides it, and why', () => {
    const attributes = { 'resource_timing.unknown': 'hidden: no Timing-Allow-Origin' }
    const hidden = call({ attributes, events: timing({ fetchStart: 1, responseEnd: 95 }) })
    expect(told(hidden, server(30, 70))).toEqual([
      'page 1',
      'unknown 29',
      'server 40',
      'unknown 25',
      'page 5',
    ])
    expect(gapOf(hidden, server(30, 70))?.reason).toBe('hidden: no Timing-Allow-Origin')
  })

  it('knows of a call between servers what lies around the answer, and no more', () => {
    const plain = call({ events: [] })
    expect(told(plain, server(30, 70))).toEqual(['unknown 30', 'server 40', 'unknown 30'])
    expect(gapOf(plain)).toBeUndefined()
  })

  it('does not place a server whose clock puts it elsewhere, and knows the length all the same', () => {
    const gap = gapOf(call(), server(3_030, 3_070))
    expect(gap).toMatchObject({ isServerElsewhere: true, between: ms(60) })
    expect(gap?.segments.map(({ phase }) => phase)).toContain('wait')
  })

  it('places every attempt of a call', () => {
    const second = server(70, 75, { spanId: 't' })
    const gap = gapOf(call(), server(30, 50), second)
    expect(gap?.segments.map(({ phase }) => phase).slice(6, 11)).toEqual([
      'request',
      'server',
      'response',
      'server',
      'response',
    ])
    expect(gap?.between).toBeUndefined()
  })

  it('is not there for what is no call', () => {
    expect(gapOf(makeSpan({ spanId: 'c' }), server(1, 2))).toBeUndefined()
    expect(gapOf(call({ end: 0n }), server(1, 2))).toBeUndefined()
  })

  it('covers the call without a hole, whatever the events and servers say', () => {
    const moment = fc.constantFrom(...newConnection.map(({ name }) => name), 'other')
    const time = fc.integer({ min: -20, max: 120 })
    const anyEvents = fc.array(fc.record({ name: moment, time: time.map(at) }), { maxLength: 12 })
    const anyServers = fc.array(fc.tuple(time, fc.nat({ max: 100 })), { maxLength: 3 })
    fc.assert(
      fc.property(anyEvents, anyServers, (events, servers) => {
        const client = call({ events: events.map((event) => ({ ...event, attributes: {} })) })
        const gap = gapOf(
          client,
          ...servers.map(([start, length], n) =>
            server(start, start + length, { spanId: `s${n}` }),
          ),
        )
        if (gap === undefined) return
        let last = client.start
        for (const { start, end } of gap.segments) {
          expect(start).toBe(last)
          expect(end).toBeGreaterThan(start)
          last = end
        }
        expect(last).toBe(client.end)
      }),
    )
  })
})
