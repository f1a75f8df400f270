import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
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

/** Links among them lead where they have gone; one to what the package has not got is text there. */
export function copyDocuments(stage: string, documents: Documents): void {
  for (const [source, target] of Object.entries(documents)) {
    const linked = (link: string, words: string, address: string) => {
      if (/^(#|\w+:)/.test(address)) return link
      const [file = '', part] = address.split('#')
      const found = documents[posix.join(posix.dirname(source), file)]
      if (found === undefined) return words
      const path = posix.relative(posix.dirname(target), found)
      return `[${words}](${path}${part === undefined ? '' : `#${part}`})`
    }
    const text = readFileSync(join(root, source), 'utf8')
    const path = join(stage, target)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text.replaceAll(/\[([^\]]*)\]\(([^)\s]+)\)/g, linked))
  }
}
