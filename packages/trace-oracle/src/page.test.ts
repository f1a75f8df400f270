import {
  type ContextManager,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { followTest } from './page.ts'

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const activeSpanId = () => trace.getSpanContext(context.active())?.spanId

beforeEach(() => propagation.setGlobalPropagator(new W3CTraceContextPropagator()))
afterEach(() => {
  context.disable()
  propagation.disable()
  globalThis.pingtrace = undefined
})

test('where nothing is active, the test is, for as long as it says', () => {
  followTest()
  expect(context.active()).toBe(ROOT_CONTEXT)
  globalThis.pingtrace = { traceparent }
  expect(activeSpanId()).toBe('b7ad6b7169203331')
  expect(context.with(ROOT_CONTEXT, () => activeSpanId())).toBe('b7ad6b7169203331')
  globalThis.pingtrace = {}
  expect(context.active()).toBe(ROOT_CONTEXT)
})

test('what the page made active wins', () => {
  const own: ContextManager = new AsyncLocalStorageContextManager().enable()
  followTest(own)
  globalThis.pingtrace = { traceparent }
  const active = ROOT_CONTEXT.setValue(createContextKey('own'), 1)
  expect(context.with(active, () => context.active())).toBe(active)
  expect(context.bind(active, () => context.active())()).toBe(active)
  expect(activeSpanId()).toBe('b7ad6b7169203331')
})

test('what is no header is no parent', () => {
  followTest()
  globalThis.pingtrace = { traceparent: 'nonsense' }
  expect(activeSpanId()).toBeUndefined()
})
