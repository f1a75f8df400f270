import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { brokenLinks } from './markdown-links.ts'

test('names the links that lead nowhere, and leaves others and code alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pingtrace-links-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'docs'))
  await mkdir(join(folder, 'node_modules'))
  await writeFile(join(folder, 'node_modules/their.md'), '[x](gone.md)')
  await writeFile(
    join(folder, 'docs/one.md'),
    '[up](../two.md#part) [`here`](one.md) [web](https://a.example/b) [part](#part) ![](lost.png)\n' +
      '`[code](no.md)`\n```\n[code](no.md)\n```\n[lost](../lost.md)',
  )
  await writeFile(join(folder, 'two.md'), 'nothing')
  expect(brokenLinks(folder)).toEqual([
    `${join('docs', 'one.md')} links to lost.png, which is not there`,
    `${join('docs', 'one.md')} links to ../lost.md, which is not there`,
  ])
})
