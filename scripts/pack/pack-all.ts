import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../paths.ts'
import { fillCollector } from './collector.ts'
import { type Manifest, version } from './manifest.ts'
import { fillTraceOracle } from './trace-oracle.ts'

/** What a package is made of. */
interface PackedPackage {
  folder: string
  /** Writes everything but the manifest and the licence into an empty folder. */
  fill(folder: string): Promise<Manifest>
}

const packages: PackedPackage[] = [
  { folder: 'collector', fill: fillCollector },
  { folder: 'trace-oracle', fill: fillTraceOracle },
]

/**
 * Builds the packages that other projects install, anew.
 * @param publishable whether npm may publish them, which it refuses otherwise
 * @param target the folder that the tarballs are put into
 * @returns the tarballs' paths, the collector's first
 */
export async function packAll(publishable: boolean, target = join(root, 'packed')) {
  const tarballs: string[] = []
  for (const { folder, fill } of packages) {
    const stage = join(target, folder)
    rmSync(stage, { recursive: true, force: true })
    mkdirSync(stage, { recursive: true })
    const manifest = { ...(await fill(stage)), ...(!publishable && { private: true }) }
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`)
    copyFileSync(join(root, 'LICENSE'), join(stage, 'LICENSE'))
    const args = ['pack', stage, '--pack-destination', target, '--ignore-scripts', '--silent']
    // A shell, because on Windows npm is a script; no argument is anybody's but ours.
    execFileSync('npm', args, { shell: process.platform === 'win32' })
    tarballs.push(join(target, `pingtrace-${folder}-${version}.tgz`))
  }
  return tarballs
}
