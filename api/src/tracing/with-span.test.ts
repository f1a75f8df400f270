import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { beforeEach, describe, expect, test } from 'vitest'
import { liesWithin, parentId, recordSpans, spanId, traceId } from './record-spans.test-support.ts'
import { errorType, traced, withSpan } from './with-span.ts'

const { take } = recordSpans()
beforeEach(take)

describe('withSpan', () => {
  test('answers what the block answers, and nests without a context being passed', async () => {
    const answer = await withSpan('outer', { kind: SpanKind.SERVER }, async () => {
      await Promise.resolve()
      return withSpan('inner', { attributes: { a: 1 } }, async () => 42)
    })
    expect(answer).toBe(42)
    const [inner, outer] = await take()
    expect([inner?.name, outer?.name]).toEqual(['inner', 'outer'])
    expect(parentId(inner)).toBe(spanId(outer))
    expect(outer?.kind).toBe(SpanKind.SERVER)
    expect(inner?.attributes).toEqual({ a: 1 })
    expect(outer?.status.code).toBe(SpanStatusCode.UNSET)
  })

  test('a block that throws ends the span as an error, and the error goes on', async () => {
    const error = Object.assign(new Error('no route'), { code: 'EHOSTUNREACH' })
    const failing = withSpan('failing', {}, async () => {
      throw error
    })
    await expect(failing).rejects.toBe(error)
    const [span] = await take()
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'no route' })
    expect(span?.attributes['error.type']).toBe('EHOSTUNREACH')
    expect(span?.events[0]?.name).toBe('exception')
    expect(span?.events[0]?.attributes?.['exception.message']).toBe('no route')
  })

  test('an error is an event of the span it happened in; those around it only say so', async () => {
    const error = new RangeError('too far')
    const failing = withSpan('outer', {}, () =>
      withSpan('inner', {}, async () => {
        throw error
      }),
    )
    await expect(failing).rejects.toBe(error)
    const spans = await take()
    expect(spans.map(({ name, events }) => [name, events.length])).toEqual([
      ['inner', 1],
      ['outer', 0],
    ])
    for (const { attributes, status } of spans) {
      expect(attributes['error.type']).toBe('RangeError')
      expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'too far' })
    }
  })

  test('an error that is thrown again in another trace is an event there as well', async () => {
    const error = new Error('the reason so far')
    const fail = () =>
      withSpan('failing', {}, async () => {
        throw error
      })
    await expect(fail()).rejects.toBe(error)
    await expect(fail()).rejects.toBe(error)
    expect((await take()).map(({ events }) => events.length)).toEqual([1, 1])
  })

  test('an error of its own, which wraps the one below, is an event too', async () => {
    const failing = withSpan('outer', {}, async () => {
      try {
        await withSpan('inner', {}, () => Promise.reject(new Error('below')))
      } catch (cause) {
        throw new Error('above', { cause })
      }
    })
    await expect(failing).rejects.toThrow('above')
    expect((await take()).map(({ events }) => events.length)).toEqual([1, 1])
  })

  test('a block that throws before it first awaits, or throws no Error, is recorded too', async () => {
    const failing = withSpan('failing', {}, () => {
      throw 'just words'
    })
    await expect(failing).rejects.toBe('just words')
    const [span] = await take()
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'just words' })
    expect(span?.attributes['error.type']).toBe('string')
  })

  test('children lie within their parents and events within their spans, however many', async () => {
    const level = (depth: number): Promise<void> =>
      withSpan(`level ${depth}`, {}, async () => {
        await new Promise(setImmediate)
        if (depth < 4) await Promise.all([level(depth + 1), level(depth + 1), level(depth + 1)])
        else throw new Error('the event')
      }).catch(() => undefined)
    await Promise.all([level(0), level(0)])

    const spans = await take()
    expect(spans).toHaveLength(2 * (1 + 3 + 9 + 27 + 81))
    const byId = new Map(spans.map((span) => [spanId(span), span]))
    const edges = spans.flatMap((child) => {
      const parent = byId.get(parentId(child))
      return parent === undefined ? [] : [{ child, parent }]
    })
    expect(edges).toHaveLength(spans.length - 2)
    expect(edges.filter(({ child, parent }) => !liesWithin(child, parent))).toEqual([])
    const early = spans.filter(({ events, endTime: [s, ns] }) =>
      events.some(({ time }) => time[0] > s || (time[0] === s && time[1] > ns)),
    )
    expect(early).toEqual([])
  })
})

describe('traced', () => {
  test('keeps arguments, answer and `this`', async () => {
    const counter = {
      count: 40,
      add: traced('add', {}, async function (this: { count: number }, by: number) {
        return this.count + by
      }),
    }
    const answer: number = await counter.add(2)
    expect(answer).toBe(42)
    expect((await take()).map((span) => span.name)).toEqual(['add'])
  })

  test('every call is a span of its own, the active one inside', async () => {
    const active = traced('active', {}, async () => trace.getActiveSpan()?.spanContext().spanId)
    const ids = [await active(), await active()]
    const spans = await take()
    expect(spans.map(spanId)).toEqual(ids)
    expect(new Set(spans.map(traceId)).size).toBe(2)
  })
})

describe('errorType', () => {
  class DriverError extends Error {}

  test.each([
    [new TypeError('x'), 'TypeError'],
    [new DriverError('x'), 'DriverError'],
    [new DriverError('x', { cause: Object.assign(new Error('y'), { code: 'EPIPE' }) }), 'EPIPE'],
    [Object.assign(new Error('x'), { code: 11_000 }), 'Error'],
    [undefined, 'undefined'],
  ])('%s is %s', (error, type) => {
    expect(errorType(error)).toBe(type)
  })

  test('a ring of causes ends', () => {
    const error = new Error('x')
    error.cause = error
    expect(errorType(error)).toBe('Error')
  })
})
