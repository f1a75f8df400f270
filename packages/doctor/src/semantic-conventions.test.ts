import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { conventionBriefs, semanticConventions } from '../generate/semantic-conventions.ts'
import { explainAttribute } from './explain-attribute.ts'

test.each([
  ['semantic-conventions.ts', semanticConventions],
  ['convention-briefs.ts', conventionBriefs],
])('%s is what the installed package says', (file, generate) => {
  expect(generate()).toBe(readFileSync(new URL(file, import.meta.url), 'utf8'))
})

test('names are explained in a sentence, with their stability', () => {
  expect(explainAttribute('http.request.method')).toEqual({
    stability: 'stable',
    brief: 'HTTP request method.',
  })
  expect(explainAttribute('http.request.header.accept')?.stability).toBe('stable')
  expect(explainAttribute('browser.language')?.stability).toBe('development')
  expect(explainAttribute('http.method')).toMatchObject({
    stability: 'deprecated',
    brief: expect.stringContaining('http.request.method') as string,
  })
  expect(explainAttribute('shop.cart')).toBeUndefined()
  expect(explainAttribute('__proto__')).toBeUndefined()
  expect(explainAttribute('..')).toBeUndefined()
})
