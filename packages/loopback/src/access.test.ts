import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  type AccessRules,
  guarded,
  readAllowedHosts,
  readOrigins,
  reasonToRefuse,
  reasonToRefuseHost,
} from './access.ts'
import { loopbackOrigins } from './ports.ts'
import { serveOnLoopback } from './serve.ts'

const page = 'http://localhost:5173'
const rules: AccessRules = {
  hosts: ['collector', 'dev.example'],
  isListed: (origin) => loopbackOrigins(5173).includes(origin),
  allowsLinks: true,
}

interface Asked {
  method?: string
  url?: string
  [header: string]: string | string[] | undefined
}

/** Judges a request with the given headers; a list is a header that came more than once. */
function judge({ method = 'GET', url = '/', ...headers }: Asked, some: Partial<AccessRules> = {}) {
  const all = Object.entries({ host: 'localhost:16686', ...headers })
  const headersDistinct = Object.fromEntries(
    all.map(([name, value]) => [name, typeof value === 'string' ? [value] : value]),
  )
  return reasonToRefuse({ method, url, headersDistinct }, { ...rules, ...some })
}

describe('the Host header', () => {
  it.each([
    'localhost',
    'localhost:16686',
    'LocalHost:80',
    '127.0.0.1',
    '127.0.0.1:1',
    '[::1]',
    '[::1]:65535',
    'collector:4318',
    'Dev.Example',
  ])('may be %s', (host) => {
    expect(judge({ host })).toBeUndefined()
  })

  it.each([
    '',
    ' ',
    'rebind.test',
    'rebind.test:16686',
    'localhost.rebind.test',
    'localhost.',
    'localhost.:16686',
    'localhost:',
    'localhost:x',
    'localhost:123456',
    'localhost:80:80',
    'user@localhost',
    'localhost@rebind.test',
    'localhost#.rebind.test',
    'localhost\\.rebind.test',
    'localhost, rebind.test',
    'http://localhost',
    'a.localhost',
    '127.0.0.2',
    '127.1',
    '2130706433',
    '0x7f.1',
    '0.0.0.0:16686',
    '::1',
    '[::1',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::1%25lo]',
    'collector.rebind.test',
    'xn--localhost-',
    'lоcalhost',
  ])('may not be "%s"', (host) => {
    expect(judge({ host })).toMatch(/^the Host header must be localhost, /)
  })

  it('must be there, once', () => {
    expect(judge({ host: undefined })).toMatch(/one Host header/)
    expect(judge({ host: ['localhost', 'localhost'] })).toMatch(/one Host header/)
    expect(judge({ host: ['localhost', 'rebind.test'] })).toMatch(/one Host header/)
  })

  it('counts as much as the name in an absolute target', () => {
    expect(judge({ url: 'http://localhost:16686/' })).toBeUndefined()
    for (const url of [
      'http://rebind.test/',
      'HTTPS://rebind.test',
      'http://localhost@rebind.test/',
      'http://localhost\\@rebind.test/',
      'http:///',
    ]) {
      expect(judge({ url }), url).toMatch(/Host/)
    }
    expect(judge({ url: 'http://localhost/', host: 'rebind.test' })).toMatch(/Host/)
  })

  it('passes in no other spelling than the listed ones, whatever comes around them', () => {
    const names = ['localhost', '127.0.0.1', '[::1]', ...rules.hosts]
    const port = fc.option(fc.integer({ min: 0, max: 99_999 }), { nil: undefined })
    const plain = fc
      .tuple(fc.constantFrom(...names), fc.mixedCase(fc.constant('localhost')), port)
      .map(([name, mixed, number]) => {
        const written = name === 'localhost' ? mixed : name
        return number === undefined ? written : `${written}:${number}`
      })
    fc.assert(fc.property(plain, (host) => judge({ host }) === undefined))

    const noise = fc.string({ unit: fc.constantFrom(...'.:@[]/\\#? ,%0a1l-') })
    const around = fc
      .tuple(noise, fc.constantFrom(...names), noise)
      .map(([before, name, after]) => before + name + after)
    fc.assert(
      fc.property(fc.oneof(fc.string(), noise, around), (host) => {
        const [, name = ''] = /^(.*?)(?::\d{1,5})?$/s.exec(host) ?? []
        const isListed = names.includes(name.toLowerCase())
        return (
          (reasonToRefuseHost({ headersDistinct: { host: [host] } }, rules.hosts) === undefined) ===
          isListed
        )
      }),
    )
  })
})

describe('an Origin', () => {
  it.each(loopbackOrigins(5173))('that is listed passes from wherever it says: %s', (origin) => {
    for (const site of [undefined, 'cross-site', 'same-site', 'same-origin']) {
      for (const method of ['GET', 'OPTIONS', 'POST']) {
        expect(judge({ origin, method, 'sec-fetch-site': site })).toBeUndefined()
      }
    }
  })

  it.each([
    'null',
    '',
    'http://evil.test',
    'http://localhost:5174',
    'http://localhost',
    'https://localhost:5173',
    'HTTP://LOCALHOST:5173',
    'http://localhost:5173/',
    'http://localhost.:5173',
    'http://user@localhost:5173',
    `${page}, http://evil.test`,
    'http://evil.test http://localhost:5173',
  ])('that is not listed is refused, wherever it says it comes from: "%s"', (origin) => {
    for (const site of [undefined, 'none', 'same-origin']) {
      expect(judge({ origin, 'sec-fetch-site': site })).toMatch(/pages of this origin/)
    }
  })

  it('that came twice is refused', () => {
    expect(judge({ origin: [page, page] })).toMatch(/pages of this origin/)
  })

  it('passes only if listed, whatever it is', () => {
    const parts = fc.constantFrom('http://', 'localhost', '127.0.0.1', ':5173', '.', '/', '@', 'x')
    const built = fc.array(parts, { maxLength: 6 }).map((some) => some.join(''))
    fc.assert(
      fc.property(fc.oneof(fc.string(), built), (origin) => {
        return (judge({ origin }) === undefined) === rules.isListed(origin)
      }),
    )
  })

  it('does not help under a strange name', () => {
    expect(judge({ origin: page, host: 'rebind.test' })).toMatch(/Host/)
  })
})

describe('without an Origin', () => {
  it.each([undefined, 'none', 'same-origin'])('Sec-Fetch-Site: %s passes', (site) => {
    expect(judge({ 'sec-fetch-site': site })).toBeUndefined()
  })

  it.each(['cross-site', 'same-site', '', 'NONE', 'none, cross-site', 'unheard-of'])(
    'Sec-Fetch-Site: "%s" is refused',
    (site) => {
      expect(judge({ 'sec-fetch-site': site })).toMatch(/another page/)
      const image = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }
      expect(judge({ 'sec-fetch-site': site, ...image })).toMatch(/another page/)
    },
  )

  it('and with Sec-Fetch-Site twice it is refused', () => {
    expect(judge({ 'sec-fetch-site': ['none', 'none'] })).toMatch(/another page/)
  })

  const link = {
    'sec-fetch-site': 'same-site',
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  }

  it('a link on a page of this machine may lead to where a GET does nothing', () => {
    expect(judge(link)).toBeUndefined()
    expect(judge(link, { allowsLinks: false })).toMatch(/another page/)
  })

  it.each([
    ['from elsewhere', { 'sec-fetch-site': 'cross-site' }],
    ['into a frame', { 'sec-fetch-dest': 'iframe' }],
    ['by a script', { 'sec-fetch-mode': 'no-cors' }],
    ['by a form that posts', { method: 'POST' }],
  ])('a link %s may not', (_, change) => {
    expect(judge({ ...link, ...change })).toMatch(/another page/)
  })
})

describe('PINGTRACE_ALLOWED_HOSTS', () => {
  const read = (PINGTRACE_ALLOWED_HOSTS?: string) => readAllowedHosts({ PINGTRACE_ALLOWED_HOSTS })

  it('is a list of names in any case', () => {
    expect(read()).toEqual([])
    expect(read(' , ')).toEqual([])
    expect(read('Collector, dev_1.example,[FD00::1],10.0.0.7')).toEqual([
      'collector',
      'dev_1.example',
      '[fd00::1]',
      '10.0.0.7',
    ])
  })

  it.each(['*', '*.example', 'a:80', 'http://a', 'a/b', 'a b', 'a@b', 'a.', '.a', 'fd00::1'])(
    'refuses "%s" by name',
    (entry) => {
      expect(() => read(`fine,${entry}`)).toThrow(
        `PINGTRACE_ALLOWED_HOSTS must be a list of host names without ports, not "${entry}"`,
      )
    },
  )
})

describe('a guarded listener, over a socket', () => {
  async function serve() {
    const reached: string[] = []
    const listener = guarded(
      (request, response) => {
        reached.push(request.url ?? '')
        response.end('secret')
      },
      (request) => reasonToRefuse(request, rules),
      (reason) => ({ contentType: 'text/plain', body: reason }),
    )
    const server = await serveOnLoopback(() => createServer(listener), 0)
    onTestFinished(() => server.close(0))
    const send = async (head: string) => {
      const socket = connect(server.port, '127.0.0.1')
      let answer = ''
      socket.setEncoding('latin1').on('data', (text) => {
        answer += text
      })
      socket.end(head)
      await once(socket, 'close')
      return answer
    }
    return { reached, send }
  }

  it('answers 403 with the reason, its length and Vary, and the listener sees nothing', async () => {
    const { reached, send } = await serve()
    const answer = await send('GET / HTTP/1.1\r\nHost: rebind.test\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1.1 403 Forbidden\r\n/)
    expect(answer).toMatch(/\r\nVary: Origin\r\n/)
    expect(answer).toMatch(/\r\nContent-Security-Policy: default-src 'none'\r\n/)
    expect(answer).toMatch(/\r\nContent-Length: \d+\r\n/)
    expect(answer).toMatch(/\r\n\r\nthe Host header must be localhost/)
    expect(reached).toEqual([])
  })

  it('hands on what is allowed', async () => {
    const { reached, send } = await serve()
    const answer = await send('GET /x HTTP/1.1\r\nHost: [::1]:1\r\nConnection: close\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1.1 200 OK\r\n/)
    expect(answer).toMatch(/\r\nVary: Origin\r\n/)
    expect(reached).toEqual(['/x'])
  })

  it.each([
    ['HTTP/1.0 without a Host', 'GET / HTTP/1.0\r\n\r\n'],
    ['HTTP/1.1 without a Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: rebind.test\r\n\r\n'],
    ['two origins', `GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: ${page}\r\nOrigin: x\r\n\r\n`],
    ['an absolute target', 'GET http://rebind.test/ HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ['CONNECT', 'CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    [
      'a WebSocket of another page',
      'GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.test\r\nConnection: Upgrade\r\n' +
        'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    ],
  ])('%s does not get through', async (_, head) => {
    const { reached, send } = await serve()
    const answer = await send(head)
    expect(answer).not.toContain('secret')
    expect(reached).toEqual([])
  })

  it('judges each request of a connection for itself', async () => {
    const { reached, send } = await serve()
    const answer = await send(
      'GET /first HTTP/1.1\r\nHost: localhost\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n',
    )
    expect(answer.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 403'])
    expect(reached).toEqual(['/first'])
  })
})

describe('a list of origins', () => {
  const read = (LIST?: string) => readOrigins({ LIST }, 'LIST')

  it('is read into what browsers send', () => {
    expect(read()).toEqual([])
    expect(read(' , ')).toEqual([])
    expect(read('http://LOCALHOST:7778, https://a.example:443/,http://[::1]:80')).toEqual([
      'http://localhost:7778',
      'https://a.example',
      'http://[::1]',
    ])
  })

  it.each([
    'garbage',
    '*',
    'null',
    'a.example',
    'https://a.example/x',
    'https://u@a.example',
    'ftp://a',
  ])('refuses "%s" by name', (entry) => {
    expect(() => read(`http://ok.example,${entry}`)).toThrow(`LIST must be`)
    expect(() => read(`http://ok.example,${entry}`)).toThrow(`"${entry}"`)
  })
})
