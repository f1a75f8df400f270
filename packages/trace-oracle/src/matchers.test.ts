import { expect, test } from 'vitest'
import './vitest.ts'
import type { SpanTree } from './match/span-pattern.ts'
import { type Told, traceOf } from './trace.test-support.ts'

const told: Told[] = [
  { id: '1', name: 'GET /cart', kind: 3, service: 'page', from: 0, to: 100 },
  { id: '2', parent: '1', name: '/cart', kind: 2, from: 10, to: 90 },
  {
    id: '3',
    parent: '2',
    name: 'find',
    kind: 3,
    from: 20,
    to: 30,
    attributes: [
      { key: 'db.system.name', value: { stringValue: 'mongodb' } },
      { key: 'db.rows', value: { intValue: '3' } },
    ],
  },
  { id: '4', parent: '2', name: 'find', kind: 3, from: 40, to: 50 },
]

const find: SpanTree = { name: 'find', kind: 'client' }
const cart = (...children: SpanTree[]): SpanTree => ({
  name: 'GET /cart',
  service: 'page',
  children: [{ name: '/cart', service: /^sh/, kind: 'server', children }],
})

function messageOf(run: () => void): string {
  try {
    run()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it passed')
}

test('a tree fits whatever the order of the siblings, and whichever of them is meant', () => {
  const trace = traceOf(told)
  const first: SpanTree = { ...find, attributes: { 'db.rows': 3, 'db.system.name': /^mongo/ } }
  expect(trace).toMatchSpans(cart(first, find))
  expect(trace).toMatchSpans(cart(find, first))
  expect(trace).toMatchSpans(cart({ name: /./ }, { ...first, attributes: { 'db.rows': 3n } }))
  expect(trace).not.toMatchSpans(cart(first, first))
})

test('it is strict, unless it is told not to be', () => {
  const trace = traceOf(told)
  expect(trace).not.toMatchSpans(cart(find))
  expect(trace).not.toMatchSpans(cart(find, find, find))
  expect(trace).toMatchSpans({ name: 'GET /cart', otherChildren: true })
  expect(trace).not.toMatchSpans({ name: 'GET /cart' })
  expect(trace).not.toMatchSpans([])
})

test('a failure prints both trees, what is missing under which parent, and the address', () => {
  const message = messageOf(() =>
    expect(traceOf(told)).toMatchSpans(
      cart({ ...find, attributes: { 'db.rows': 4 } }, { name: 'charge', service: 'bank' }),
    ),
  )
  expect(message).toBe(
    `
the trace of "buy" is not as expected
missing under /cart [shop server]: charge [bank]
unexpected under /cart [shop server]: find [shop client]
different: find [shop client]: db.rows is 3, not 4

expected:
  GET /cart [page]
    /cart [/^sh/ server]
!     find [client]  db.rows=4
-     charge [bank]

actual:
  GET /cart [page client]
    /cart [shop server]
!     find [shop client]
+     find [shop client]

http://localhost:16686/?trace=0af7651916cd43dd8448eb211c80319c
`.trim(),
  )
})

test('an error that nobody expects does not pass', () => {
  const failed = traceOf([
    {
      id: '1',
      name: 'pay',
      error: 'no money',
      attributes: [{ key: 'error.type', value: { stringValue: 'Declined' } }],
    },
  ])
  expect(failed).toMatchSpans({ name: 'pay', error: true })
  expect(failed).toMatchSpans({ name: 'pay', error: 'Declined' })
  expect(messageOf(() => expect(failed).toMatchSpans({ name: 'pay' }))).toContain(
    'different: pay [shop internal] ERROR: it is an error: "Declined": "no money"',
  )
  const other: SpanTree = { name: 'pay', error: 'Timeout' }
  expect(messageOf(() => expect(failed).toMatchSpans(other))).toContain(
    'error.type is "Declined", not "Timeout"',
  )
  expect(
    messageOf(() => expect(traceOf(told)).toMatchSpans({ ...cart(find, find), error: true })),
  ).toContain('it is no error')
})

test('of an incomplete trace nothing holds, nor does its opposite', () => {
  const trace = traceOf(told, { kind: 'incomplete', missing: ['1 span that shop has dropped'] })
  for (const run of [
    () => expect(trace).toMatchSpans(cart(find, find)),
    () => expect(trace).not.toMatchSpans([]),
    () => expect(trace).toBeHealthy(),
    () => expect(trace).toTakeLessThan(1_000),
    () => expect(trace).toHaveAtMost(2, find),
  ]) {
    expect(messageOf(run)).toContain('"buy" is incomplete: 1 span that shop has dropped')
  }
})

test('budgets: of time, and of spans', () => {
  const trace = traceOf(told)
  expect(trace).toTakeLessThan(100.1)
  expect(messageOf(() => expect(trace).toTakeLessThan(100))).toContain('it took 100.0 ms')
  expect(trace).toHaveAtMost(2, find)
  expect(trace).toHaveAtMost(1, { name: 'find', attributes: { 'db.rows': 3 } })
  expect(messageOf(() => expect(trace).toHaveAtMost(1, find))).toContain(
    '2 spans fit "find"; the limit is 1',
  )
})

test('the doctor says what is wrong, and its rules can be left out', () => {
  const nameless = traceOf([{ id: '1', name: 'GET /users/4711-0815-4242', service: '' }])
  expect(messageOf(() => expect(nameless).toBeHealthy())).toMatch(
    /unknown-service \(certain\).*\n.*\n {2}mend: .*\n {2}more: docs\/doctor.md#unknown-service/,
  )
  const own: Told = { id: 'ff', parent: '', name: 'buy', to: 100 }
  const hasOldName = traceOf([
    own,
    { id: '1', name: 'buy', attributes: [{ key: 'http.method', value: { stringValue: 'GET' } }] },
  ])
  expect(hasOldName).toBeHealthy()
  expect(messageOf(() => expect(hasOldName).toBeHealthy({ atLeast: 'info' }))).toContain(
    'info deprecated-attribute',
  )
  expect(nameless).not.toBeHealthy()
  expect(nameless).toBeHealthy({ atLeast: 'error' })
  expect(nameless).toBeHealthy({
    except: ['unknown-service', 'high-cardinality-name', 'parent-missing'],
  })
  expect(traceOf([own, ...told.slice(0, 1)])).toBeHealthy()
})

test('what strangers wrote cannot steer a terminal', () => {
  const message = messageOf(() =>
    expect(traceOf([{ id: '1', name: 'a\u001b[31m' }])).toMatchSpans({ name: 'b\u0007' }),
  )
  expect(message).toContain('a?[31m')
  expect(message.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u)
})
