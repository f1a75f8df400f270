import type { Span } from '@pingtrace/otlp'
import { at, makeSpan } from '@pingtrace/otlp/test-support'
import { buildTraceTree } from '@pingtrace/trace-tree'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { adjustTree, measureClocks, ms, spanNodes } from './index.ts'
import { makeCall, makeServer } from './make-call.test-support.ts'

const browser = { 'service.name': 'web', 'browser.language': 'en' }
const measure = (...spans: Span[]) => measureClocks(buildTraceTree(spans))

/** A page's call of 100 ms, and the server's part of it of 60 ms, `offset` ms ahead. */
const call = (offset: number, known: Partial<Span> = {}): [Span, Span] => [
  makeCall({ spanId: 'c', end: at(100), resource: browser, ...known }),
  makeServer({ spanId: 's', parentSpanId: 'c', start: at(20 + offset), end: at(80 + offset) }),
]

describe('measureClocks', () => {
  it('compares with the server: the clock of a browser is the one that is wrong', () => {
    const { reference, clocks, skewed } = measure(...call(3_200))
    expect(reference).toMatchObject({ service: 'api', state: 'reference', offset: 0n })
    expect(clocks.map(({ service }) => service)).toEqual(['web', 'api'])
    expect(skewed).toMatchObject([
      { service: 'web', isBrowser: true, offset: ms(-3_200), error: ms(20) },
    ])
  })

  it('compares with the first process where none is a browser', () => {
    const { reference, skewed } = measure(...call(3_200, { resource: { 'service.name': 'web' } }))
    expect(reference?.service).toBe('web')
    expect(skewed).toMatchObject([{ service: 'api', offset: ms(3_200), error: ms(20) }])
  })

  test.each([
    ['agree', 0, false],
    ['agree while the server may only have ended late', 70, false],
    ['differ where the server began after the answer', 90, true],
    ['differ where the server began before it was asked', -30, true],
  ])('the clocks %s', (_what, offset, differ) => {
    const { skewed } = measure(...call(offset))
    expect(skewed.map((clock) => clock.offset)).toEqual(differ ? [ms(-offset)] : [])
  })

  it('narrows the error down by the times of the network', () => {
    const events = [
      { name: 'requestStart', time: at(15), attributes: {} },
      { name: 'responseStart', time: at(84), attributes: {} },
      { name: 'responseEnd', time: at(85), attributes: {} },
    ]
    const [skewed] = measure(...call(3_200, { events })).skewed
    expect(skewed).toMatchObject({ offset: ms(-3_200), error: ms(5) })
  })

  it('lets both start together where the child is longer than its parent', () => {
    const server = makeServer({ spanId: 's', parentSpanId: 'c', start: at(500), end: at(700) })
    const web = makeCall({ spanId: 'c', end: at(100) })
    expect(measure(web, server).skewed).toMatchObject([{ offset: ms(500), error: ms(100) }])
  })

  it('takes as many processes as there are calls', { timeout: 20_000 }, () => {
    const count = 50_000
    const spans = Array.from({ length: count }, (_, i) => [
      makeCall({ spanId: `c${i}`, end: at(100) }),
      makeServer({
        spanId: `s${i}`,
        parentSpanId: `c${i}`,
        start: at(20),
        end: at(80),
        resource: { 'service.name': 'api', 'service.instance.id': `${i}` },
      }),
    ])
    const { clocks } = measure(...spans[0]!, ...spans[1]!)
    expect(clocks.map(({ state }) => state)).toEqual(['reference', 'agrees', 'agrees'])
    expect(measureClocks(buildTraceTree(spans.flat())).clocks).toHaveLength(count + 1)
  })

  it('has a bound and no error where nobody waited for an answer', () => {
    const producer = makeSpan({ spanId: 'p', kind: 'producer', service: 'web' })
    const consumer = makeSpan({
      spanId: 'c',
      parentSpanId: 'p',
      kind: 'consumer',
      start: at(-3_000),
      end: at(-2_990),
    })
    expect(measure(producer, consumer).skewed).toMatchObject([
      { service: 'api', offset: ms(-3_000), error: undefined },
    ])
  })

  it('has no offset for a clock that was set between two calls', () => {
    const [first, answer] = call(3_200)
    const again = makeCall({ spanId: 'd', start: at(200), end: at(300), resource: browser })
    const later = makeServer({ spanId: 't', parentSpanId: 'd', start: at(220), end: at(280) })
    const { clocks, skewed } = measure(first, answer, again, later)
    expect(clocks.map(({ state }) => state)).toEqual(['unsteady', 'reference'])
    expect(skewed).toEqual([])
  })

  it('leaves processes alone that no call connects', () => {
    const other = makeSpan({ spanId: 'x', service: 'job', start: at(9_000), end: at(9_001) })
    expect(measure(...call(0), other).clocks.map(({ state }) => state)).toEqual([
      'agrees',
      'reference',
      'apart',
    ])
  })

  it('is nothing for no spans', () => {
    expect(measure()).toEqual({ reference: undefined, clocks: [], skewed: [] })
  })
})

describe('for calls through any processes, whatever their clocks show', () => {
  const services = ['web', 'api', 'stock', 'pay']

  /** True times of a chain of calls, each within the one before, and how far each clock is ahead. */
  const chains = fc
    .array(
      fc.record({
        there: fc.integer({ min: 1, max: 50 }),
        back: fc.integer({ min: 1, max: 50 }),
        service: fc.nat({ max: services.length - 1 }),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .chain((hops) =>
      fc.record({
        hops: fc.constant(hops),
        ahead: fc.array(fc.integer({ min: -40_000, max: 40_000 }), {
          minLength: services.length,
          maxLength: services.length,
        }),
      }),
    )

  function spansOf({ hops, ahead }: { hops: Hop[]; ahead: number[] }): Span[] {
    const spans: Span[] = []
    let [start, end, service] = [0, 1_000, 0]
    const dated = (index: number, from: number, to: number) => ({
      service: services[index]!,
      resource: { 'service.name': services[index]! },
      start: at(from + ahead[index]!),
      end: at(to + ahead[index]!),
    })
    for (const [index, hop] of hops.entries()) {
      const parentSpanId = index === 0 ? {} : { parentSpanId: `s${index - 1}` }
      spans.push(makeCall({ spanId: `c${index}`, ...parentSpanId, ...dated(service, start, end) }))
      start += hop.there
      end -= hop.back
      service = hop.service
      const below = { spanId: `s${index}`, parentSpanId: `c${index}` }
      spans.push(makeServer({ ...below, ...dated(service, start, end) }))
    }
    return spans
  }
  interface Hop {
    there: number
    back: number
    service: number
  }

  it('an offset is as near to the truth as its error says', () => {
    fc.assert(
      fc.property(chains, (chain) => {
        const { reference, clocks } = measure(...spansOf(chain))
        const aheadOf = (service: string) => ms(chain.ahead[services.indexOf(service)]!)
        for (const { service, state, offset, error } of clocks) {
          if (state === 'apart' || state === 'unsteady') continue
          const truth = aheadOf(service) - aheadOf(reference!.service)
          const off = truth > offset ? truth - offset : offset - truth
          expect(off).toBeLessThanOrEqual(error!)
        }
      }),
    )
  })

  it('the order of the spans says nothing', () => {
    const shuffled = chains.chain((chain) => {
      const spans = spansOf(chain)
      return fc.tuple(
        fc.constant(spans),
        fc.shuffledSubarray(spans, { minLength: spans.length, maxLength: spans.length }),
      )
    })
    fc.assert(
      fc.property(shuffled, ([spans, others]) => {
        expect(measure(...others)).toEqual(measure(...spans))
      }),
    )
  })

  it('adjusting moves spans and changes nothing else, and then nothing is left to adjust', () => {
    fc.assert(
      fc.property(chains, (chain) => {
        const tree = buildTraceTree(spansOf(chain))
        const adjusted = adjustTree(tree, measureClocks(tree))
        const still = ({ span }: { span: Span }) => ({
          ...span,
          start: 0n,
          end: span.end - span.start,
        })
        const byId = (a: Span, b: Span) => (a.spanId < b.spanId ? -1 : 1)
        expect(spanNodes(adjusted).map(still).sort(byId)).toEqual(
          spanNodes(tree).map(still).sort(byId),
        )
        expect(measureClocks(adjusted).skewed).toEqual([])
      }),
    )
  })
})
