import {
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TraceContextPropagator } from './index.ts'
import { carrierOf, PARENT_ID, TRACE_ID, w3cCases } from './w3c-cases.test-support.ts'

const propagator = new TraceContextPropagator()
const tracer = new NodeTracerProvider().getTracer('test')

type Carrier = Record<string, string | string[]>
const extract = (carrier: Carrier) =>
  propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter)

/** What goes out from a span whose parent is the one in `carrier`. */
function passOn(carrier: Carrier): Record<string, string> {
  const context = extract(carrier)
  const child = tracer.startSpan('child', {}, context)
  const out: Record<string, string> = {}
  propagator.inject(trace.setSpan(context, child), out, defaultTextMapSetter)
  return out
}

/** What goes out where there is no tracer at all, only what came in. */
function passThrough(carrier: Carrier): Record<string, string> {
  const out: Record<string, string> = {}
  propagator.inject(extract(carrier), out, defaultTextMapSetter)
  return out
}

const parentOf = (carrier: Carrier): SpanContext | undefined =>
  trace.getSpanContext(extract(carrier))
const VALID = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-0[0-3]$/

test('there are all 41 cases of the harness', () => {
  expect(new Set(w3cCases.map(({ name }) => name)).size).toBe(41)
})

test.each(w3cCases)('$name', ({ exchanges }) => {
  for (const exchange of exchanges) {
    const { traceparent, tracestate = '' } = passOn(carrierOf(exchange))
    const [, traceId, spanId, flags] = traceparent?.split('-') ?? []
    expect(traceparent).toMatch(VALID)
    expect(traceId === TRACE_ID).toBe(exchange.extraction === undefined)
    expect(spanId).not.toBe(PARENT_ID)
    expect((Number(flags) & 2) !== 0).toBe(exchange.random)
    expect(tracestate).toBe(exchange.tracestate)
  }
})

describe('the flags', () => {
  const withFlags = (flags: string) => ({ traceparent: `00-${TRACE_ID}-${PARENT_ID}-${flags}` })

  test.each([
    ['00', '00'],
    ['01', '01'],
    ['02', '02'],
    ['03', '03'],
    ['08', '00'],
    ['10', '00'],
    ['fe', '02'],
    ['ff', '03'],
  ])('%s is passed on as %s', (flags, expected) => {
    expect(passThrough(withFlags(flags))).toEqual(withFlags(expected))
    expect(passOn(withFlags(flags)).traceparent?.slice(-2)).toBe(expected)
  })

  test('a trace of our own below one that came in is random, whatever that one was', () => {
    const context = extract(withFlags('00'))
    const root = tracer.startSpan('root', { root: true }, context)
    const out: Record<string, string> = {}
    propagator.inject(trace.setSpan(context, root), out, defaultTextMapSetter)
    expect(out.traceparent).toMatch(/-03$/)
  })

  test('random ids are random indeed: the right-most 7 bytes hold every digit in every place', () => {
    const ids = Array.from({ length: 2_000 }, () => tracer.startSpan('root').spanContext().traceId)
    for (let place = 18; place < 32; place++) {
      expect(new Set(ids.map((id) => id[place])).size).toBe(16)
    }
  })
})

describe('the carrier', () => {
  const traceparent = `00-${TRACE_ID}-${PARENT_ID}-01`

  test('may hold lists: one value is a value, two are none, even if they are equal', () => {
    expect(parentOf({ traceparent: [traceparent] })?.traceId).toBe(TRACE_ID)
    expect(parentOf({ traceparent: [traceparent, traceparent] })).toBeUndefined()
    expect(parentOf({ traceparent: `${traceparent}, ${traceparent}` })).toBeUndefined()
    expect(parentOf({ traceparent: `${traceparent},` })).toBeUndefined()
    expect(parentOf({ traceparent: [] })).toBeUndefined()
  })

  test('of several tracestate lines: one list, in their order', () => {
    const parent = parentOf({ traceparent, tracestate: ['b=2', 'a=1,c=3'] })
    expect(parent?.traceState?.serialize()).toBe('b=2,a=1,c=3')
  })

  test('two parents of a later version are no parent either', () => {
    const later = `cc${traceparent.slice(2)}-x`
    expect(parentOf({ traceparent: later })?.traceId).toBe(TRACE_ID)
    expect(parentOf({ traceparent: `${later}, ${traceparent}` })).toBeUndefined()
  })

  test('marks what comes out of it as remote, and leaves the context alone where there is nothing', () => {
    expect(parentOf({ traceparent })?.isRemote).toBe(true)
    expect(extract({ tracestate: 'a=1', baggage: 'a=1' })).toBe(ROOT_CONTEXT)
  })

  test('stays empty without a span, without a valid one, and where tracing is suppressed', () => {
    const zeros = { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: TraceFlags.NONE }
    const contexts = [
      ROOT_CONTEXT,
      trace.setSpanContext(ROOT_CONTEXT, zeros),
      suppressTracing(extract({ traceparent })),
    ]
    for (const context of contexts) {
      const out = {}
      propagator.inject(context, out, defaultTextMapSetter)
      expect(out).toEqual({})
    }
  })
})

describe('whatever comes', () => {
  const hex = (length: number) => fc.stringMatching(new RegExp(`^[\\da-f]{${length}}$`))
  const part = (length: number) =>
    fc.oneof(
      { weight: 9, arbitrary: hex(length) },
      fc.constantFrom('0'.repeat(length), 'F'.repeat(length), '', '.'),
      hex(length + 1),
    )
  /** Near the grammar, where the mistakes are. */
  const near = fc
    .tuple(fc.constantFrom('00', '00', 'cc', 'ff', '0'), part(32), part(16), part(2))
    .map((parts) => parts.join('-'))
  const list = fc.stringMatching(/^([a-z0-9@A.]{0,4}=?[ -~\t]{0,6},?){0,40}$/)
  const header = fc.oneof(near, list, fc.string({ unit: 'binary', maxLength: 300 }))
  const value = fc.oneof(header, fc.array(header, { maxLength: 3 }))
  const carrier = fc.record({ traceparent: value, tracestate: value }, { requiredKeys: [] })

  test('extraction gives a valid context or none, and what goes out is valid', () => {
    const seen = { valid: 0, none: 0 }
    fc.assert(
      fc.property(carrier, (incoming) => {
        const parent = parentOf(incoming)
        seen[parent === undefined ? 'none' : 'valid']++
        if (parent !== undefined) {
          expect(parent.traceId).toMatch(/^(?!0+$)[\da-f]{32}$/)
          expect(parent.spanId).toMatch(/^(?!0+$)[\da-f]{16}$/)
        }
        const written = passOn(incoming)
        expect(written.traceparent).toMatch(VALID)
        // What we write, we read again as the same.
        expect(parentOf(written)?.traceState?.serialize()).toBe(written.tracestate)
      }),
      { numRuns: 500 },
    )
    expect(Math.min(seen.valid, seen.none)).toBeGreaterThan(10)
  })
})
