import { describe, expect, it } from 'vitest'
import { bearer, challenge, readToken } from './bearer.ts'

const token = 'abcDEF012-._~+/x=='

describe('a token', () => {
  it.each([
    [`Bearer ${token}`, true],
    [`bearer  ${token} `, true],
    [undefined, false],
    ['', false],
    ['Bearer', false],
    ['Bearer ', false],
    [token, false],
    [`Basic ${token}`, false],
    [`Bearer ${token}x`, false],
    [`Bearer ${token.slice(0, -1)}`, false],
    [`Bearer ${token.toLowerCase()}`, false],
    [`Bearer x ${token}`, false],
    [`Bearer ${token} ${token}`, false],
  ])('with Authorization: %s: %s', (header, isGood) => {
    expect(bearer(token)(header)).toBe(isGood)
  })

  it('is asked of nobody where there is none', () => {
    expect(bearer(undefined)(undefined)).toBe(true)
    expect(bearer(undefined)('Bearer whatever')).toBe(true)
  })

  it('is read from its variable, whose value no error shows', () => {
    expect(readToken({}, 'TOKEN')).toBeUndefined()
    expect(readToken({ TOKEN: '' }, 'TOKEN')).toBeUndefined()
    expect(readToken({ TOKEN: token }, 'TOKEN')).toBe(token)
    for (const wrong of ['0123456789abcde', `${token} `, `${token}\n`, `ä${token}`, `=${token}`]) {
      const read = () => readToken({ TOKEN: wrong }, 'TOKEN')
      expect(read).toThrow(/^TOKEN must have 16 characters at least/)
      expect(read).not.toThrow(wrong)
    }
  })
})

it('asks for a token, and says so where one was wrong', () => {
  expect(challenge('here', undefined)).toBe('Bearer realm="here"')
  expect(challenge('here', 'Bearer x')).toBe('Bearer realm="here", error="invalid_token"')
})
