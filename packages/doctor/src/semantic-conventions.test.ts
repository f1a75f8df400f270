import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { semanticConventions } from '../generate/semantic-conventions.ts'

test('the table is what the installed package says', () => {
  const table = readFileSync(new URL('semantic-conventions.ts', import.meta.url), 'utf8')
  expect(semanticConventions()).toBe(table)
})
