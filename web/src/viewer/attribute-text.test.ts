import { expect, it } from 'vitest'
import { attributeText } from './attribute-text.ts'

it.each([
  ['<b>text</b>', '<b>text</b>'],
  ['', ''],
  [true, 'true'],
  [9223372036854775807n, '9223372036854775807'],
  [1.5, '1.5'],
  [Number.NaN, 'NaN'],
  [null, 'null'],
  [[], '[]'],
  [{}, '{}'],
  [[1n, 'two', null], '[\n  1,\n  "two",\n  null\n]'],
  [
    { a: { 'b"': [Number.POSITIVE_INFINITY] } },
    '{\n  "a": {\n    "b\\"": [\n      Infinity\n    ]\n  }\n}',
  ],
])('writes %s as %s', (value, text) => {
  expect(attributeText(value)).toBe(text)
})
