import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { root } from '../scripts/paths.ts'
import type { Bench } from './bench.ts'

export const name = 'What the page weighs'

/** Of the files that `npm run build` wrote, as they are served; gzip at its default level, 6. */
export const run: Bench['run'] = async (print, figure) => {
  const folder = join(root, 'web/dist/assets')
  const files = readdirSync(folder)
    .filter((file) => /\.(js|css)$/.test(file))
    .map((file) => weigh(join(folder, file), file))
  for (const { file, raw, gzipped } of files) {
    print(`${file.padEnd(28)} ${bytes(raw)}, gzipped ${bytes(gzipped)}`)
  }
  const scripts = files.filter(({ file }) => file.endsWith('.js'))
  // Every script has the name of its chunk, then a hash: tracing-SCgAC7M4.js
  const tracing = scripts.filter(({ file }) => file.startsWith('tracing-'))
  if (tracing.length !== 1) throw new Error(`expected one tracing chunk, found ${tracing.length}`)
  const report = (what: string, of: typeof files, how: string) => {
    const sum = (key: 'raw' | 'gzipped') => of.reduce((total, file) => total + file[key], 0)
    const value = `${bytes(sum('gzipped'))} gzipped (${bytes(sum('raw'))})`
    print(`${what}: ${value}`)
    figure({ what, value, how })
  }
  report('tracing code in the page', tracing, 'OpenTelemetry and ours, one chunk of the build')
  report('all JavaScript of the page', scripts, `${scripts.length} files of the build`)
}

function weigh(path: string, file: string) {
  const content = readFileSync(path)
  return { file, raw: content.length, gzipped: gzipSync(content).length }
}

/** 1 kB is 1,000 bytes. */
function bytes(count: number): string {
  return `${(count / 1_000).toFixed(1)} kB`
}
