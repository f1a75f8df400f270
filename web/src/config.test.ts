import { expect, test } from 'vitest'
import { parseConfig, readConfig } from './config.ts'

const valid = {
  apiUrl: 'http://localhost:8081',
  otlpEndpoint: 'http://localhost:4318/v1/traces',
  otlpHeaders: { authorization: 'Bearer x' },
  queryUrl: 'http://localhost:16686',
  serviceName: 'page',
  serviceVersion: '1',
  resourceAttributes: { a: 'b' },
  flushHook: false,
  faults: false,
}

test('the configuration is read from its element', () => {
  const page = {
    getElementById: (id: string) =>
      id === 'pingtrace-config' ? { textContent: JSON.stringify(valid) } : null,
  }
  expect(readConfig(page)).toEqual(valid)
})

test('a page without the element says how it must be served', () => {
  expect(() => readConfig({ getElementById: () => null })).toThrow(/must be served/)
})

test.each([
  ['', /is not JSON/],
  ['[]', /must hold a JSON object/],
  [JSON.stringify({ ...valid, apiUrl: undefined }), /apiUrl .* must be a text/],
  [JSON.stringify({ ...valid, queryUrl: 'localhost:1' }), /queryUrl .* must be an http\(s\) URL/],
  [JSON.stringify({ ...valid, otlpEndpoint: '/v1/traces' }), /otlpEndpoint .* URL/],
  [JSON.stringify({ ...valid, serviceName: '' }), /serviceName .* must be a text/],
  [JSON.stringify({ ...valid, resourceAttributes: { a: 1 } }), /resourceAttributes .* texts/],
  [JSON.stringify({ ...valid, otlpHeaders: 'a=b' }), /otlpHeaders .* texts/],
  [JSON.stringify({ ...valid, flushHook: 'no' }), /flushHook .* true or false/],
  [JSON.stringify({ ...valid, faults: 1 }), /faults .* true or false/],
])('%s is refused by name', (json, message) => {
  expect(() => parseConfig(json)).toThrow(message)
})
