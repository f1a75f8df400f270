import { describe, expect, it } from 'vitest'
import { isLoopbackOrigin, loopbackOrigins, readPorts } from './ports.ts'

const defaults = { web: 5173, api: 8081, otlpGrpc: 4317, otlpHttp: 4318, query: 16686 }

describe('readPorts', () => {
  it('has a default for every port', () => {
    expect(readPorts({})).toEqual(defaults)
  })

  it.each([
    ['PINGTRACE_WEB_PORT', 'web'],
    ['PINGTRACE_API_PORT', 'api'],
    ['PINGTRACE_OTLP_GRPC_PORT', 'otlpGrpc'],
    ['PINGTRACE_OTLP_HTTP_PORT', 'otlpHttp'],
    ['PINGTRACE_QUERY_PORT', 'query'],
  ])('takes %s', (variable, key) => {
    expect(readPorts({ [variable]: '9000' })).toEqual({ ...defaults, [key]: 9000 })
  })

  it('takes an empty variable for an unset one', () => {
    expect(readPorts({ PINGTRACE_WEB_PORT: '' })).toEqual(defaults)
  })

  it.each(['0', '65536', '-1', '80.5', 'http', '80a', '0x50', ' 80'])('refuses "%s"', (value) => {
    expect(() => readPorts({ PINGTRACE_API_PORT: value })).toThrow(
      `PINGTRACE_API_PORT must be a port from 1 to 65535, not "${value}"`,
    )
  })

  it('refuses two of the same, defaults included', () => {
    expect(() => readPorts({ PINGTRACE_API_PORT: '5173' })).toThrow(
      'PINGTRACE_WEB_PORT and PINGTRACE_API_PORT are both 5173',
    )
  })
})

describe('origins', () => {
  it('are three for a port, and each is recognised', () => {
    const origins = loopbackOrigins(5173)
    expect(origins).toEqual(['http://localhost:5173', 'http://127.0.0.1:5173', 'http://[::1]:5173'])
    expect(origins.filter(isLoopbackOrigin)).toEqual(origins)
  })

  it.each(['https://localhost', 'http://127.0.0.1'])('include %s', (origin) => {
    expect(isLoopbackOrigin(origin)).toBe(true)
  })

  it.each([
    'null',
    '',
    'http://localhost.example.com',
    'http://example.com/http://localhost',
    'http://localhost:5173.example.com',
    'http://localhost:5173/',
    'http://user@localhost',
    'http://127.0.0.2',
    'http://0.0.0.0:5173',
    'file://localhost',
  ])('do not include "%s"', (origin) => {
    expect(isLoopbackOrigin(origin)).toBe(false)
  })
})
