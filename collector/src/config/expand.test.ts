import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expand } from './expand.ts'

const env = {
  HOST: 'back.example',
  PORT: '4317',
  EMPTY: '',
  NAME: 'PORT',
  NESTED: '${env:HOST}:${PORT}',
  LOOP: '${env:LOOP}',
  GROWS: '${env:GROWS}${env:GROWS}',
  MONEY: 'a$$b',
}

describe('variables in the configuration', () => {
  // What the official Collector makes of each was looked up with its print-initial-config (0.151).
  it.each([
    ['127.0.0.1:${env:PORT}', '127.0.0.1:4317', false],
    ['${env:PORT}', '4317', true],
    ['${PORT}', '4317', true],
    ['${env:PORT:-1}', '4317', true],
    ['${env:MISSING:-1}', '1', true],
    ['${env:MISSING:-a:-b}', 'a:-b', true],
    ['${env:MISSING:-}', '', true],
    ['${env:EMPTY:-1}', '', true],
    ['${env:MISSING}', '', true],
    ['${env:${env:NAME}}', '4317', true],
    ['${env:MISSING:-${env:HOST}}', 'back.example', true],
    ['${env:NESTED}', 'back.example:4317', true],
    ['${env:HOST}:${env:PORT}', 'back.example:4317', false],
    ['$PORT', '$PORT', false],
    ['$$PORT', '$PORT', false],
    ['$${env:PORT}', '${env:PORT}', false],
    ['$$${env:PORT}', '$4317', false],
    ['$${env:PORT} ${env:PORT}', '${env:PORT} ${env:PORT}', false],
    ['a } ${env:PORT}', 'a } 4317', false],
    ['${env:PORT', '${env:PORT', false],
    ['${env:MONEY}', 'a$b', true],
  ])('%s is %s', (source, text, isWhole) => {
    expect(expand(source, env)).toEqual({ text, isWhole })
  })

  it.each([
    ['${file:/etc/passwd}', /\$\{file:...\} is not run here/],
    ['${env:A-B}', /"A-B" is no name of a variable/],
    ['${}', /"" is no name/],
    ['${env:LOOP}', /too many expansions/],
    ['${env:GROWS}', /over 65536 characters/],
  ])('%s is refused', (source, message) => {
    expect(() => expand(source, env)).toThrow(message)
  })

  it('ends, whatever the text and the variables are', () => {
    const piece = fc.constantFrom('${', '}', 'env:', ':-', '$', 'A', 'B', 'x', ' ')
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(text, text, text, (source, A, B) => {
        try {
          expect(typeof expand(source, { A, B }).text).toBe('string')
        } catch (error) {
          expect((error as Error).message).toMatch(/no name|too many|over 65536|not run|has a \$/)
        }
      }),
      { numRuns: 300 },
    )
  })
})
