import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { arch, cpus, loadavg, platform, release } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Bench, Figure } from '../bench/bench.ts'
import { buildStale } from './build-stale.ts'
import { root } from './paths.ts'

/** `npm run bench` runs all, `npm run bench -- click` those with "click" in the file's name. */
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'))
const folder = join(root, 'bench')
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word)))
  .sort()

if (files.length === 0) {
  console.error(`pingtrace: no bench has ${wanted.join(' or ')} in its file name (see bench/)`)
  process.exit(1)
}

await buildStale()
const machine = describeMachine()
console.log(machine)
const figures: Figure[] = []
let failed = false
for (const file of files) {
  try {
    const bench = (await import(pathToFileURL(join(folder, file)).href)) as Bench
    console.log(`\n${bench.name} (bench/${file})`)
    await bench.run(
      (line) => console.log(`  ${line}`),
      (figure) => figures.push(figure),
    )
  } catch (error) {
    console.error(`  failed: ${error instanceof Error ? error.stack : error}`)
    failed = true
  }
}

console.log(`\n${machine}\n\n| Figure | Measured | How |\n|---|---|---|`)
for (const { what, value, how } of figures) console.log(`| ${what} | ${value} | ${how} |`)
process.exit(failed ? 1 : 0)

/** With what else the machine was doing: on a busy one, nobody's figures are worth much. */
function describeMachine(): string {
  const date = new Date().toISOString().slice(0, 10)
  // Without a repository around it (an unpacked archive) there is no commit to name.
  const git = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: root, encoding: 'utf8' })
  const commit = git.status === 0 ? git.stdout.trim() : 'unknown'
  const load = loadavg()[0]?.toFixed(1)
  return (
    `${cpus().length} × ${cpus()[0]?.model.trim()}, ${platform()} ${release()} ${arch()}, ` +
    `Node ${process.versions.node}, ${date}, commit ${commit}, load before it ${load}`
  )
}
