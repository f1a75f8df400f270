import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { root } from '../paths.ts'

/** The `package.json` of a package that is installed elsewhere. */
export interface Manifest {
  name: string
  version: string
  description: string
  license: string
  type: 'module'
  engines: { node: string }
  dependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  [key: string]: unknown
}

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const { version, license, engines } = JSON.parse(read('package.json')) as Manifest

/** All packages have that of the repository. */
export { version }

/** What all packages say. */
export function manifestOf(
  name: string,
  description: string,
  own: Record<string, unknown>,
): Manifest {
  return { name, version, description, license, type: 'module', engines, ...own }
}

/**
 * The dependencies of a workspace package, with the versions that the catalog has for them. Ours are
 * bundled, and no dependencies any more.
 * @param folder of the package, relative to the root
 */
export function dependenciesOf(folder: string): Record<string, string> {
  const { dependencies = {} } = JSON.parse(read(join(folder, 'package.json'))) as Manifest
  const names = Object.keys(dependencies).filter((name) => !name.startsWith('@pingtrace/'))
  return Object.fromEntries(names.map((name) => [name, catalogVersion(name)]))
}

export function catalogVersion(wanted: string): string {
  const entries = read('pnpm-workspace.yaml').matchAll(/^ {2}"?([\w@/-]+)"?: (\d\S*)$/gm)
  for (const [, name, found = ''] of entries) if (name === wanted) return found
  throw new Error(`${wanted} is not in the catalog of pnpm-workspace.yaml`)
}

/** @throws Error where code imports a package that is not going to be installed with it */
export function refuseUndeclared(
  file: string,
  code: string,
  { dependencies = {}, peerDependencies = {} }: Partial<Manifest>,
): void {
  for (const [, specifier = ''] of code.matchAll(
    /^(?:import|export) .*?["']([^"'./][^"']*)["'];?$/gm,
  )) {
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
    if (specifier.startsWith('node:') || builtinModules.includes(name)) continue
    if (name in dependencies || name in peerDependencies) continue
    throw new Error(`${file} imports ${name}, which its package.json does not name`)
  }
}
