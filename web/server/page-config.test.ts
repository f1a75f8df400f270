import { expect, test } from 'vitest'
import { parseConfig } from '../src/config.ts'
import { injectConfig, pageConfig } from './page-config.ts'

const html = '<head><!-- page configuration --></head>'

/** What a browser's parser takes for the element's text: everything up to the first end tag. */
function elementText(page: string): string {
  return (
    /<script type="application\/json" id="pingtrace-config">(.*?)<\/script/s.exec(page)?.[1] ?? ''
  )
}

test('without variables everything is at its default address', () => {
  expect(pageConfig({})).toEqual({
    apiUrl: 'http://localhost:8081',
    otlpEndpoint: 'http://localhost:4318/v1/traces',
    otlpHeaders: {},
    queryUrl: 'http://localhost:16686',
    serviceName: 'pingtrace-web',
    serviceVersion: '0.1.0',
    resourceAttributes: {},
    flushHook: false,
    faults: false,
  })
})

test('addresses follow the ports', () => {
  const config = pageConfig({
    PINGTRACE_API_PORT: '1001',
    PINGTRACE_OTLP_HTTP_PORT: '1002',
    PINGTRACE_QUERY_PORT: '1003',
  })
  expect(config).toMatchObject({
    apiUrl: 'http://localhost:1001',
    otlpEndpoint: 'http://localhost:1002/v1/traces',
    queryUrl: 'http://localhost:1003',
  })
})

test('addresses, name and attributes can be given', () => {
  const config = pageConfig({
    PINGTRACE_API_URL: 'https://api.test/v1',
    PINGTRACE_WEB_OTLP_ENDPOINT: 'https://otlp.test/spans',
    PINGTRACE_WEB_SERVICE_NAME: 'shop',
    PINGTRACE_WEB_RESOURCE_ATTRIBUTES:
      'service.name=ignored, service.version=2 ,team=a%2Cb,note=x=y,',
  })
  expect(config).toMatchObject({
    apiUrl: 'https://api.test/v1',
    otlpEndpoint: 'https://otlp.test/spans',
    serviceName: 'shop',
    serviceVersion: '2',
    resourceAttributes: { team: 'a,b', note: 'x=y' },
  })
  const named = pageConfig({ PINGTRACE_WEB_RESOURCE_ATTRIBUTES: 'service.name=listed' })
  expect(named.serviceName).toBe('listed')
})

test('the ingest token goes to our own collector, and nowhere else; the query token to no page', () => {
  const tokens = {
    PINGTRACE_INGEST_TOKEN: 'a-token-of-senders',
    PINGTRACE_QUERY_TOKEN: 'a-token-of-readers',
  }
  const config = pageConfig(tokens)
  expect(config.otlpHeaders).toEqual({ authorization: 'Bearer a-token-of-senders' })
  expect(JSON.stringify(config)).not.toContain('readers')
  const elsewhere = { ...tokens, PINGTRACE_WEB_OTLP_ENDPOINT: 'https://otlp.test/v1/traces' }
  expect(pageConfig(elsewhere).otlpHeaders).toEqual({})
})

test('the flush hook is there for whoever asks for it by the word', () => {
  expect(pageConfig({ PINGTRACE_FLUSH_HOOK: '1' }).flushHook).toBe(true)
  expect(pageConfig({ PINGTRACE_FLUSH_HOOK: '0' }).flushHook).toBe(false)
})

test.each([
  [{ PINGTRACE_API_URL: 'localhost:8081' }, /PINGTRACE_API_URL must be an http\(s\) URL/],
  [{ PINGTRACE_API_URL: 'ftp://api.test' }, /PINGTRACE_API_URL .* not "ftp:\/\/api.test"/],
  [{ PINGTRACE_WEB_OTLP_ENDPOINT: 'foo' }, /PINGTRACE_WEB_OTLP_ENDPOINT .* not "foo"/],
  [{ PINGTRACE_WEB_RESOURCE_ATTRIBUTES: 'novalue' }, /RESOURCE_ATTRIBUTES .* "novalue"/],
  [{ PINGTRACE_WEB_RESOURCE_ATTRIBUTES: 'a=%zz' }, /percent-encoding in "%zz"/],
])('%o is refused by name', (env, message) => {
  expect(() => pageConfig(env)).toThrow(message)
})

test('no value gets out of its element, and each arrives as it was', () => {
  const hostile = "</script><script>alert(1)</script><!-- $& $1 $' \u2028"
  const config = { ...pageConfig({}), serviceName: hostile, resourceAttributes: { hostile } }
  const page = injectConfig(html, config)

  expect(page.match(/<\/script/g)).toHaveLength(1)
  expect(page).not.toContain('<!--')
  expect(parseConfig(elementText(page))).toEqual(config)
})

test('a page without the place for it is refused', () => {
  expect(() => injectConfig('<head></head>', pageConfig({}))).toThrow(/must contain/)
})
