import { relative } from 'node:path'
import { parseArgs } from 'node:util'
import { packAll } from './pack/pack-all.ts'
import { exitWith } from './settings.ts'

// Packages for other projects: npm installs them from the files. Publishing takes another word, so that
// nobody does it by mistake (CONTRIBUTING.md).

try {
  const options = { publishable: { type: 'boolean', default: false } } as const
  const { publishable } = parseArgs({ options }).values
  const files = (await packAll(publishable)).map((file) => relative('.', file))
  console.log(
    publishable
      ? `\n${files.map((file) => `  npm publish --access public ${file}`).join('\n')}\n`
      : `\n  In another project: npm install --save-dev …/${files.join(' …/')}\n`,
  )
} catch (error) {
  exitWith(error)
}
