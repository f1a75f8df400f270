import type { OtlpSpan } from '@pingtrace/otlp'
import { buildTraceTree } from '@pingtrace/trace-tree'
import { expect, it } from 'vitest'
import { durationText } from './duration-text.ts'
import { makeSpan } from './span.test-support.ts'

const textOf = (span: OtlpSpan) =>
  durationText(buildTraceTree([makeSpan({ spanId: 'a', ...span })]).roots[0]!)

it.each([
  ['1000', '3500', '2.50 µs'],
  ['3500', '1000', '−2.50 µs'],
  ['1000', '0', 'not known'],
])('from %s to %s it is %s', (startTimeUnixNano, endTimeUnixNano, text) => {
  expect(textOf({ startTimeUnixNano, endTimeUnixNano })).toBe(text)
})

it('is nothing where no span has arrived', () => {
  expect(textOf({ parentSpanId: 'b' })).toBe('')
})
