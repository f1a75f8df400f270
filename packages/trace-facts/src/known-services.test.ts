import type { Span } from '@pingtrace/otlp'
import { at, makeSpan } from '@pingtrace/otlp/test-support'
import { describe, expect, it, test } from 'vitest'
import { indexServices, isAnswered, servicesOf } from './index.ts'
import { makeCall, makeServer } from './make-call.test-support.ts'

const url = (path: string, status = 200, known: Partial<Span> = {}) =>
  makeCall({
    spanId: 'c',
    attributes: {
      'url.full': `https://shop.example${path}`,
      'http.response.status_code': BigInt(status),
    },
    ...known,
  })
const served = (path: string, known: Partial<Span> = {}) =>
  makeServer({
    spanId: 's',
    parentSpanId: 'c',
    attributes: { 'url.path': path, 'http.response.status_code': 200n },
    ...known,
  })

describe('what a service takes up', () => {
  it('is what its spans say, and what was asked of a proxy before it', () => {
    expect(servicesOf([url('/api/items'), served('/items')])).toEqual([
      {
        name: 'api',
        addresses: [],
        takes: ['/items', '/items 200', '/api', '/api 200'],
      },
    ])
  })

  it('of several behind one address is told by the path', () => {
    const auth = served('/login', { service: 'auth', spanId: 't', parentSpanId: 'd' })
    const login = url('/auth/login', 200, { spanId: 'd' })
    const { serviceOf, awaited } = indexServices([url('/api/items'), served('/items'), login, auth])
    expect(awaited(url('/auth/logout'))).toBe('auth')
    expect(awaited(url('/api/cart'))).toBe('api')
    expect(awaited(url('/locales/en.json'))).toBeUndefined()
    expect(serviceOf(url('/locales/en.json'))).toBe('api')
    expect(serviceOf(makeCall({ spanId: 'x' }))).toBeUndefined()
  })

  it('may be known from before, and is awaited then as well', () => {
    const here = { 'server.address': 'shop.example', 'server.port': 443n, 'url.path': '/items' }
    const [known] = servicesOf([url('/api/items'), served('/items', { attributes: here })])
    expect(indexServices([], [known!]).awaited(url('/api/cart'))).toBe('api')
    const { takes: _takes, ...address } = known!
    const { serviceOf, awaited } = indexServices([], [address])
    expect([serviceOf(url('/api/cart')), awaited(url('/api/cart'))]).toEqual(['api', undefined])
  })

  it('is not all that a page asks for: its cache answers sooner than anybody', () => {
    const resource = { 'service.name': 'web', 'browser.language': 'en' }
    const asked = url('/api/items', 200, { resource, end: at(60) })
    const { awaited } = indexServices([asked, served('/items')])
    expect(awaited(url('/api/items', 200, { resource, end: at(31) }))).toBe('api')
    expect(awaited(url('/api/items', 200, { resource, end: at(29) }))).toBeUndefined()
    expect(awaited(url('/api/items', 200, { end: at(1) }))).toBe('api')
  })

  it('is a procedure’s service, where there is no path', () => {
    const rpc = { 'rpc.system': 'grpc', 'rpc.service': 'shop.Cart', 'server.address': 'cart' }
    const cart = makeServer({
      spanId: 's',
      service: 'cart',
      attributes: { ...rpc, 'rpc.method': 'Get' },
    })
    const { awaited } = indexServices([cart])
    const call = (service: string) =>
      makeCall({ spanId: 'c', attributes: { ...rpc, 'rpc.service': service, 'rpc.method': 'Put' } })
    expect(awaited(call('shop.Cart'))).toBe('cart')
    expect(awaited(call('grpc.health.v1.Health'))).toBeUndefined()
  })
})

test.each<[string, Span['attributes'], boolean]>([
  ['a status', { 'http.response.status_code': 500n }, true],
  ['a proxy’s', { 'http.response.status_code': 503n }, false],
  ['a procedure’s', { 'rpc.system': 'grpc', 'rpc.grpc.status_code': 5n }, true],
  ['a procedure’s by name', { 'rpc.response.status_code': 'NOT_FOUND' }, true],
  ['unavailable', { 'rpc.system': 'grpc', 'rpc.grpc.status_code': 14n }, false],
  ['past its deadline', { 'rpc.response.status_code': 'DEADLINE_EXCEEDED' }, false],
  ['a procedure without a status', { 'rpc.system.name': 'grpc' }, true],
  ['nothing', {}, false],
])('an answer: %s', (_, attributes, expected) => {
  expect(isAnswered(makeSpan({ spanId: 'c', kind: 'client', attributes }))).toBe(expected)
})
