import { expect, it } from 'vitest'
import { readExposure } from './exposure.ts'

const ingest = 'ingest-0123456789'
const query = 'query-0123456789ab'
const tokens = { PINGTRACE_INGEST_TOKEN: ingest, PINGTRACE_QUERY_TOKEN: query }

it.each([undefined, '', ' , ', 'localhost', '127.0.0.1,::1', '127.1.2.3'])(
  'is this machine alone with PINGTRACE_BIND=%s',
  (bind) => {
    expect(readExposure({ PINGTRACE_BIND: bind })).toEqual({
      addresses: [],
      hosts: [],
      ingestToken: undefined,
      queryToken: undefined,
      isOpen: false,
    })
  },
)

it('asks for tokens on this machine as well, where they are set', () => {
  expect(readExposure(tokens)).toMatchObject({ ingestToken: ingest, queryToken: query })
  expect(readExposure({ PINGTRACE_QUERY_TOKEN: query })).toMatchObject({
    ingestToken: undefined,
    queryToken: query,
  })
})

it('is elsewhere with both tokens, under the addresses that it was given', () => {
  const env = { ...tokens, PINGTRACE_BIND: '192.0.2.1, 2001:DB8:0::1,127.0.0.1, 192.0.2.1' }
  expect(readExposure(env)).toMatchObject({
    addresses: ['192.0.2.1', '2001:db8::1'],
    hosts: ['192.0.2.1', '[2001:db8::1]'],
    isOpen: false,
  })
  // Nobody calls a machine by these: its names have to be listed.
  expect(readExposure({ ...tokens, PINGTRACE_BIND: '0.0.0.0,::' })).toMatchObject({
    addresses: ['0.0.0.0', '::'],
    hosts: [],
  })
})

it.each([
  [
    {},
    /PINGTRACE_BIND lets other machines in: set PINGTRACE_INGEST_TOKEN and PINGTRACE_QUERY_TOKEN too.*PINGTRACE_BIND_WITHOUT_TOKENS=1/,
  ],
  [{ PINGTRACE_INGEST_TOKEN: ingest }, /: set PINGTRACE_QUERY_TOKEN too/],
  [{ PINGTRACE_QUERY_TOKEN: query }, /: set PINGTRACE_INGEST_TOKEN too/],
  [{ PINGTRACE_BIND_WITHOUT_TOKENS: '0' }, /lets other machines in/],
])('is not elsewhere with %o', (env, message) => {
  expect(() => readExposure({ ...env, PINGTRACE_BIND: '0.0.0.0' })).toThrow(message)
})

it('is open to all who was asked for twice', () => {
  const env = { PINGTRACE_BIND: '0.0.0.0', PINGTRACE_BIND_WITHOUT_TOKENS: '1' }
  expect(readExposure(env)).toMatchObject({ addresses: ['0.0.0.0'], isOpen: true })
  expect(readExposure({ ...env, ...tokens })).toMatchObject({ queryToken: query, isOpen: false })
  // The second time of asking alone asks for nothing.
  expect(readExposure({ PINGTRACE_BIND_WITHOUT_TOKENS: '1' })).toMatchObject({ addresses: [] })
})

it.each(['example.org', '*', '0.0.0.0:4317', 'http://10.0.0.1', '010.0.0.1', 'fe80::1%eth0'])(
  'refuses PINGTRACE_BIND=%s by name',
  (bind) => {
    const env = { ...tokens, PINGTRACE_BIND: bind }
    expect(() => readExposure(env)).toThrow(`PINGTRACE_BIND must be a list of IP addresses`)
  },
)

it('refuses one token for both', () => {
  const env = { PINGTRACE_INGEST_TOKEN: ingest, PINGTRACE_QUERY_TOKEN: ingest }
  expect(() => readExposure(env)).toThrow(/PINGTRACE_INGEST_TOKEN and PINGTRACE_QUERY_TOKEN must/)
})
