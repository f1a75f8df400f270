import { readFileSync } from 'node:fs'
import { ruleIds } from '@pingtrace/doctor'
import { expect, test } from 'vitest'
import { pageOf } from './doctor-page.ts'

test('each rule can be linked to, and nothing leads into the repository', () => {
  const page = pageOf(readFileSync(new URL('../docs/doctor.md', import.meta.url), 'utf8'))
  for (const rule of ruleIds) expect(page).toContain(`<h2 id="${rule}">`)
  expect(page.match(/href="(?!https?:|#|\/doctor\.css)/g)).toBeNull()
})
