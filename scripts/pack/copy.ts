import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../paths.ts'
import { type Manifest, refuseUndeclared } from './manifest.ts'

/** Copies what was built, without source maps, which would make up more than half of the package. */
export function copyBuilt(from: string, to: string, manifest: Partial<Manifest>): void {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.map') || entry.name === '.inputs') continue
    const source = join(entry.parentPath, entry.name)
    const target = join(to, source.slice(from.length))
    mkdirSync(dirname(target), { recursive: true })
    if (!entry.name.endsWith('.js')) {
      copyFileSync(source, target)
      continue
    }
    const code = readFileSync(source, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/gm, '')
    refuseUndeclared(source, code, manifest)
    writeFileSync(target, code)
  }
}

/** Documents, relative to the root, and where each goes in the package. */
export type Documents = Record<string, string>

/** A link to what the package has not got is text there. */
export function copyDocuments(stage: string, documents: Documents): void {
  for (const [source, target] of Object.entries(documents)) {
    const text = readFileSync(join(root, source), 'utf8')
    const path = join(stage, target)
    mkdirSync(dirname(path), { recursive: true })
    const kept = new Set(Object.values(documents).map((each) => join(stage, each)))
    const mended = text.replaceAll(/\[([^\]]*)\]\(([^)\s]+)\)/g, (link, words, address) => {
      const [file = ''] = address.split('#')
      const isThere = file === '' || /^\w+:/.test(file) || kept.has(join(dirname(path), file))
      return isThere || existsSync(join(dirname(path), file)) ? link : words
    })
    writeFileSync(path, mended)
  }
}
