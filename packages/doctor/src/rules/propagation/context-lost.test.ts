import { at, makeSpan } from '@pingtrace/otlp/test-support'
import { expect, test } from 'vitest'
import { diagnose } from '../../index.ts'

test('of thousands of empty blocks beside thousands of spans the first are looked at', () => {
  const root = makeSpan({ spanId: 'root', end: at(20) })
  const siblings = Array.from({ length: 4_000 }, (_, i) =>
    makeSpan({ spanId: `${i}`, parentSpanId: 'root', end: at(10 + (i % 2) / 10) }),
  )
  const found = diagnose([root, ...siblings]).filter(({ rule }) => rule === 'context-lost')
  expect(found.length).toBeGreaterThan(0)
  expect(found.length).toBeLessThan(200)
})

test('a quick call is the work of its block, although starting it took more than a tenth', () => {
  const block = makeSpan({ spanId: 'block', name: 'ping clicked', start: at(0), end: at(5) })
  const call = { spanId: 'call', traceId: '2'.repeat(32), name: 'client operation' } as const
  const found = diagnose([block], {
    elsewhere: [makeSpan({ ...call, kind: 'client', start: at(0.6), end: at(4.9) })],
  })
  expect(found.map(({ rule }) => rule)).toContain('context-lost')
})
