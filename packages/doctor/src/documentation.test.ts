import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ruleIds } from './index.ts'

test('docs/doctor.md has a section for each rule, in their order, and none for others', () => {
  const page = readFileSync(new URL('../../../docs/doctor.md', import.meta.url), 'utf8')
  const rules = page.slice(page.indexOf('# Propagation'))
  expect([...rules.matchAll(/^## (.*)$/gm)].map(([, id]) => id)).toEqual([...ruleIds])
})
