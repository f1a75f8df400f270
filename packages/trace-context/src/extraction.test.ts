import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ATTR_PROPAGATION_EXTRACTION,
  ATTR_PROPAGATION_TRACEPARENT,
  explainExtraction,
  readTraceparent,
} from './index.ts'
import { carrierOf, w3cCases } from './w3c-cases.test-support.ts'

const valid = '00-5b8efff798038103d269b633813fc60c-eee19b7ec3c1b174-01'

test.each(w3cCases)('$name: the reason', ({ exchanges }) => {
  for (const exchange of exchanges) {
    const attributes = explainExtraction(carrierOf(exchange).traceparent)
    expect(attributes[ATTR_PROPAGATION_EXTRACTION]).toBe(exchange.extraction)
  }
})

test('nothing is said when there is nothing to explain', () => {
  expect(explainExtraction(valid)).toEqual({})
  expect(explainExtraction([valid])).toEqual({})
})

test('absent has no evidence', () => {
  expect(explainExtraction(undefined)).toEqual({ [ATTR_PROPAGATION_EXTRACTION]: 'absent' })
  expect(explainExtraction([])).toEqual({ [ATTR_PROPAGATION_EXTRACTION]: 'absent' })
})

test('a header without a value is malformed: somebody sent it', () => {
  expect(explainExtraction('')).toEqual({
    [ATTR_PROPAGATION_EXTRACTION]: 'malformed',
    [ATTR_PROPAGATION_TRACEPARENT]: '',
  })
})

test('two headers are both shown in full, as HTTP joins them', () => {
  expect(explainExtraction([valid, valid])).toEqual({
    [ATTR_PROPAGATION_EXTRACTION]: 'duplicated',
    [ATTR_PROPAGATION_TRACEPARENT]: `${valid}, ${valid}`,
  })
})

test('a giant is cut, visibly', () => {
  const shown = explainExtraction('x'.repeat(16_000))[ATTR_PROPAGATION_TRACEPARENT]
  expect(shown).toBe(`${'x'.repeat(125)}...`)
  const just = 'y'.repeat(128)
  expect(explainExtraction(just)[ATTR_PROPAGATION_TRACEPARENT]).toBe(just)
})

test('what is not printable is a question mark', () => {
  const attributes = explainExtraction('00-\u0000\u001b[31m\u00e9\u202e\t\r\n')
  expect(attributes[ATTR_PROPAGATION_TRACEPARENT]).toBe('00-??[31m?????')
})

test('any header: never throws, and the evidence is short and printable', () => {
  const line = fc.string({ unit: 'binary', maxLength: 400 })
  const header = fc.oneof(fc.constant(undefined), line, fc.array(line, { maxLength: 3 }))
  fc.assert(
    fc.property(header, (value) => {
      const attributes = explainExtraction(value)
      expect(Object.keys(attributes).length === 0).toBe(readTraceparent(value).outcome === 'valid')
      expect(attributes[ATTR_PROPAGATION_TRACEPARENT] ?? '').toMatch(/^[ -~]{0,128}$/)
    }),
    { numRuns: 300 },
  )
})
