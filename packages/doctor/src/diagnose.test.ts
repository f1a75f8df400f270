import { type AttributeValue, readSpans, type Span, type SpanKind } from '@pingtrace/otlp'
import { at, makeSpan } from '@pingtrace/otlp/test-support'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readLabelledSet } from '../labelled/generate.ts'
import { diagnose, diagnoseAll, type Finding } from './index.ts'

const labelled = readLabelledSet()
const find = (name: string) => labelled.find((each) => each.name === name)!

const whatWas = ({ rule, span, certainty }: Finding) => `${rule} ${span.spanId} ${certainty}`

test('the order of the spans says nothing', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...labelled).chain((each) => {
        const spans = readSpans(each.data)
        return fc.tuple(
          fc.constant({ ...each, spans }),
          fc.shuffledSubarray(spans, { minLength: spans.length }),
        )
      }),
      ([{ spans, options }, shuffled]) => {
        const said = (of: readonly Span[]) =>
          [...diagnoseAll(of, options).values()].flat().map(whatWas).sort()
        expect(said(shuffled)).toEqual(said(spans))
      },
    ),
  )
})

const ids = fc.constantFrom('a1', 'a2', 'a3', 'a4', 'a5')
const times = fc.oneof(
  fc.integer({ min: -5, max: 50 }).map(at),
  fc.constant(0n),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n }),
)
const values: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.double(),
  fc.bigInt(),
  fc.constant(null),
  fc.array(fc.string()),
  fc.dictionary(fc.string(), fc.string()),
)
const keys = fc.oneof(
  fc.string(),
  fc.constantFrom(
    'url.full',
    'url.path',
    'http.response.status_code',
    'server.address',
    'db.system.name',
    'db.query.text',
    'rpc.method',
    'error.type',
    'http.route',
    'propagation.extraction',
    '__proto__',
  ),
)
const spans = fc.record({
  spanId: ids,
  parentSpanId: fc.option(ids, { nil: undefined }),
  traceId: fc.constantFrom('t1', 't2'),
  name: fc.string(),
  kind: fc.constantFrom<SpanKind>(
    'internal',
    'server',
    'client',
    'producer',
    'consumer',
    'unspecified',
  ),
  start: times,
  end: times,
  service: fc.constantFrom('web', 'api', 'unknown_service', ''),
  flags: fc.constantFrom(0, 0x101, 0x301, 0x300),
  attributes: fc.dictionary(keys, values),
  resource: fc.dictionary(keys, values),
})

test('nothing that spans may hold makes it throw, and what it says is JSON', () => {
  fc.assert(
    fc.property(fc.array(spans, { maxLength: 12 }), (made) => {
      const all = made.map((known) => makeSpan(known))
      const findings = [...diagnoseAll(all).values(), diagnose(all)].flat()
      expect(JSON.parse(JSON.stringify(findings))).toEqual(findings)
    }),
  )
})

test('a chain of ten thousand spans is a trace like any other', () => {
  const chain = Array.from({ length: 10_000 }, (_, n) =>
    makeSpan({ spanId: `s${n}`, parentSpanId: n === 0 ? undefined : `s${n - 1}` }),
  )
  expect(diagnose(chain)).toEqual([])
})

test('the gravest comes first', () => {
  const span = makeSpan({
    spanId: 'a1',
    attributes: { 'db.system': 'mysql', 'app.password': 'hunter2-and-more', 'error.type': 'x' },
    kind: 'client',
  })
  expect(diagnose([span]).map(({ severity }) => severity)).toEqual(['error', 'warning', 'info'])
})

test('no finding repeats a secret that it found', () => {
  const secrets = ['hunter2', '0123456789abcdef', 'AKIAIOSFODNN7EXAMPLE', 'dozjgNryP4J3jVmNHl0w5N']
  const said = JSON.stringify(
    labelled.map(({ data }) => [...diagnoseAll(readSpans(data)).values()]),
  )
  for (const secret of secrets) {
    expect(JSON.stringify(labelled)).toContain(secret)
    expect(said).not.toContain(secret)
  }
})

test('a span of the trace itself is nobody’s other half elsewhere', () => {
  const all = readSpans(find('one-click').data)
  expect(diagnose(all, { elsewhere: all })).toEqual([])
})
