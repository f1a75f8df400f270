import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { brokenLinks } from './markdown-links.ts'
import { root } from './paths.ts'

const require = createRequire(import.meta.url)

/** What `npm run check` demands; each returns its complaints, none when all is well. */
const checks: [name: string, check: () => string[]][] = [
  ['types: node code and packages', () => node('typescript', 'bin/tsc', ['-p', 'tsconfig.json'])],
  ['types: page', () => node('typescript', 'bin/tsc', ['-p', 'web/tsconfig.json'])],
  ['types: end-to-end tests', () => node('typescript', 'bin/tsc', ['-p', 'e2e/tsconfig.json'])],
  ['types: benches', () => node('typescript', 'bin/tsc', ['-p', 'bench/tsconfig.json'])],
  [
    'lint, format and import rules',
    () => node('@biomejs/biome', 'bin/biome', ['check', '--error-on-warnings', '.']),
  ],
  ['one version of every @opentelemetry package', oneVersionEach],
  ['tracing files that web and api share are the same', sharedTracingFiles],
  ['links between the Markdown files', () => brokenLinks(root)],
]

let failed = false
for (const [name, check] of checks) {
  const complaints = check()
  console.log(`${complaints.length === 0 ? '✓' : '✗'} ${name}`)
  for (const complaint of complaints) console.log(complaint)
  failed ||= complaints.length > 0
}
process.exitCode = failed ? 1 : 0

function node(pkg: string, bin: string, args: string[]): string[] {
  const path = join(dirname(require.resolve(`${pkg}/package.json`)), bin)
  const result = spawnSync(process.execPath, [path, ...args], { cwd: root, encoding: 'utf8' })
  return result.status === 0 ? [] : [result.stdout + result.stderr]
}

/** Two copies of the API would be two tracers that do not know of each other. */
function oneVersionEach(): string[] {
  const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')
  const versions = new Map<string, Set<string>>()
  for (const [, name, version] of lockfile.matchAll(/^ {2}'(@opentelemetry\/[\w-]+)@([\w.-]+)/gm)) {
    const known = versions.get(name ?? '') ?? new Set()
    versions.set(name ?? '', known.add(version ?? ''))
  }
  if (versions.size === 0) return ['found no @opentelemetry package in pnpm-lock.yaml']
  return [...versions]
    .filter(([, found]) => found.size > 1)
    .map(([name, found]) => `${name} is installed as ${[...found].join(' and ')}`)
}

/** Both folders are copied alone, so each has these files; a mend in one must reach the other. */
function sharedTracingFiles(): string[] {
  const read = (room: string, file: string) =>
    readFileSync(join(root, room, 'src/tracing', file), 'utf8')
  return ['operation-clock.ts', 'flush-on-local-root.ts', 'http-method.ts', 'export-ledger.ts']
    .filter((file) => read('web', file) !== read('api', file))
    .map((file) => `web/src/tracing/${file} and api/src/tracing/${file} differ`)
}
