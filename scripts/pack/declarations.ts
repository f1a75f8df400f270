import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { root } from '../paths.ts'

/**
 * Writes the type declarations of workspace modules and of all that they name: the compiler writes one
 * for each source, and imports of workspace packages become paths, since nobody installs those.
 * @param project tsconfig.json that writes declarations with `packages` as its rootDir
 * @param entries modules, relative to `packages`: `trace-oracle/src/index.ts`
 */
export function writeDeclarations(project: string, entries: string[], folder: string): void {
  const compiled = mkdtempSync(join(tmpdir(), 'pingtrace-types-'))
  try {
    compile(project, compiled)
    const waiting = [...entries]
    const seen = new Set(waiting)
    for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
      const text = readFileSync(join(compiled, declarationOf(module)), 'utf8')
      const file = join(folder, targetOf(module))
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(
        file,
        text.replace(specifiers, (whole, before: string, quote: string, specifier: string) => {
          const named = resolve(specifier, module!)
          if (named === undefined) return whole
          if (!seen.has(named)) waiting.push(named)
          seen.add(named)
          return `${before}${quote}${pathBetween(module!, named)}${quote}`
        }),
      )
    }
  } finally {
    rmSync(compiled, { recursive: true })
  }
}

const specifiers = /(\bfrom |\bimport\()(['"])([^'"]+)\2/g

function compile(project: string, outDir: string): void {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const args = [join(typescript, 'bin/tsc'), '-p', project, '--outDir', outDir]
  execFileSync(process.execPath, args, { stdio: 'inherit' })
}

/** The workspace module that an import names; undefined for packages from npm. */
function resolve(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier)
  const [, name, path = ''] = /^@pingtrace\/([\w-]+)(\/.+)?$/.exec(specifier) ?? []
  if (name === undefined) return undefined
  const manifest = readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')
  const { exports } = JSON.parse(manifest) as { exports: Record<string, string> }
  return posix.join(name, exports[`.${path}`]!)
}

const declarationOf = (module: string) => module.replace(/\.ts$/, '.d.ts')

/** Without `src`, in which there is nothing else. */
const targetOf = (module: string) => declarationOf(module).replace('/src/', '/')

function pathBetween(from: string, to: string): string {
  const path = posix
    .relative(posix.dirname(targetOf(from)), targetOf(to))
    .replace(/\.d\.ts$/, '.js')
  return path.startsWith('.') ? path : `./${path}`
}
