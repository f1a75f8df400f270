import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameText, plainText, visibleText } from './visible-text.ts'

const shown = (text: string) =>
  visibleText(text)
    .map((piece) => (piece.isCharacter ? `[${piece.text}]` : piece.text))
    .join('')

describe('visibleText', () => {
  it.each([
    ['plain text, lines\n\tand all', 'plain text, lines\n\tand all'],
    ['', ''],
    ['user\u202egpj.exe', 'user[U+202E]gpj.exe'],
    ['a\u200bb\u0000c\ud800', 'a[U+200B]b[U+0000]c[U+D800]'],
    ['שלום', 'שלום'],
    ['😀<b>', '😀<b>'],
    ['\u{e0041}', '[U+E0041]'],
  ])('shows %j', (text, expected) => {
    expect(shown(text)).toBe(expected)
  })

  const unit = fc.constantFrom(
    ...'aé😀 \n\t\u0000\u001b\u200d\u202e\u2066\ufeff',
    '\ud800',
    '\udc00',
  )
  const anyText = fc.string({ unit })

  it('loses nothing of what can be seen', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const pieces = visibleText(text)
        const plain = pieces.filter(({ isCharacter }) => !isCharacter).map(({ text }) => text)
        const named = pieces.filter(({ isCharacter }) => isCharacter)
        const back = pieces
          .map(({ text, isCharacter }) =>
            isCharacter ? String.fromCodePoint(Number.parseInt(text.slice(2), 16)) : text,
          )
          .join('')
        expect(back).toBe(text)
        expect(visibleText(plain.join(''))).toHaveLength(plain.length === 0 ? 0 : 1)
        expect(named.every(({ text }) => /^U\+[0-9A-F]{4,6}$/.test(text))).toBe(true)
      }),
    )
  })
})

describe('plainText', () => {
  it.each([
    ['place order', 'place order'],
    ['user\u202egpj.exe', 'user[U+202E]gpj.exe'],
    ['שלום', '\u2068שלום\u2069'],
  ])('makes one string of %j', (text, expected) => {
    expect(plainText(text)).toBe(expected)
  })
})

describe('nameText', () => {
  it('is never empty, and cuts what nobody reads, not between the halves of a pair', () => {
    expect(nameText('')).toBe('(no name)')
    expect(nameText('GET /')).toBe('GET /')
    expect(nameText('x'.repeat(301))).toBe(`${'x'.repeat(300)}…`)
    expect(nameText(`${'x'.repeat(299)}😀y`)).toBe(`${'x'.repeat(299)}…`)
  })
})
