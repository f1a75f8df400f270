import type { Finding, RuleId, Severity } from '@pingtrace/doctor'
import { expect, it } from 'vitest'
import { findingsBySpan, signOf } from './findings-by-span.ts'

const at = (spanId: string, rule: RuleId, severity: Severity, traceId = 't') =>
  ({ rule, severity, span: { traceId, spanId, name: spanId, service: 's' } }) as Finding

it('gives each span its findings, those of other traces aside', () => {
  const found = [
    at('a', 'header-absent', 'error'),
    at('b', 'wrong-kind', 'warning'),
    at('a', 'wrong-kind', 'warning'),
    at('a', 'header-absent', 'error', 'another'),
  ]
  const bySpan = findingsBySpan(found, 't')
  expect([...bySpan.keys()]).toEqual(['a', 'b'])
  expect(signOf(bySpan.get('a'))?.words).toBe('error: header-absent, wrong-kind')
  expect(signOf(bySpan.get('c'))).toBeUndefined()
})

it('has a sign of its own for each severity', () => {
  const signs = (['error', 'warning', 'info'] as const).map(
    (severity) => signOf([at('a', 'wrong-kind', severity)])?.sign,
  )
  expect(new Set(signs).size).toBe(3)
})
