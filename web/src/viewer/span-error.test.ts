import type { KeyValue, OtlpSpan } from '@pingtrace/otlp'
import { describe, expect, it } from 'vitest'
import { makeSpan } from './span.test-support.ts'
import { spanError } from './span-error.ts'

const attribute = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } })
const exception = (...attributes: KeyValue[]) => ({ name: 'exception', attributes })

function errorOf(span: OtlpSpan): string | undefined {
  return spanError(makeSpan({ spanId: 'a', ...span }))
}

describe('spanError', () => {
  it('is undefined where nothing failed, whatever else is said', () => {
    expect(errorOf({})).toBeUndefined()
    expect(
      errorOf({ status: { code: 1 }, events: [exception(attribute('exception.message', 'x'))] }),
    ).toBeUndefined()
  })

  it('prefers the status, then the last exception, then error.type', () => {
    const status = { code: 2, message: 'from the status' }
    const events = [
      exception(attribute('exception.message', 'first')),
      exception(attribute('exception.message', 'last')),
    ]
    const attributes = [attribute('error.type', 'TimeoutError')]
    expect(errorOf({ status, events, attributes })).toBe('from the status')
    expect(errorOf({ status: { code: 2 }, events, attributes })).toBe('last')
    expect(errorOf({ status: { code: 2 }, attributes })).toBe('TimeoutError')
  })

  it('takes an exception without a message by its type', () => {
    const events = [exception(attribute('exception.type', 'RangeError'))]
    expect(errorOf({ status: { code: 2 }, events })).toBe('RangeError')
  })

  it('says that a status code is one', () => {
    const attributes = [attribute('error.type', '503')]
    expect(errorOf({ status: { code: 2 }, attributes })).toBe('HTTP 503')
  })

  it('is empty where nobody says what', () => {
    expect(errorOf({ status: { code: 2 } })).toBe('')
  })
})
