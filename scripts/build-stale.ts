import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.ts'

interface Target {
  name: string
  /** Files and folders whose content decides whether the output is current. */
  inputs: string[]
  /** Folder that is written, relative to the root. */
  output: string
  build(): Promise<void>
}

const shared = ['packages', 'pnpm-lock.yaml', 'scripts/build-stale.ts']

const targets: Target[] = [
  {
    name: 'page',
    inputs: ['web/src', 'web/server', 'web/index.html', 'web/vite.config.ts', ...shared],
    output: 'web/dist',
    build: async () => {
      const { build } = await import('vite')
      await build({ root: join(root, 'web'), logLevel: 'warn' })
    },
  },
  {
    name: 'viewer',
    inputs: [
      'web/src',
      'web/viewer.html',
      'web/vite.viewer.config.ts',
      'web/doctor-page.ts',
      'web/public-viewer',
      'docs/doctor.md',
      ...shared,
    ],
    output: 'web/dist-viewer',
    build: async () => {
      const { build } = await import('vite')
      const configFile = join(root, 'web/vite.viewer.config.ts')
      await build({ root: join(root, 'web'), configFile, logLevel: 'warn' })
    },
  },
  nodeTarget('page server', 'web', 'server/main.ts', 'dist-server', ['server', 'src/config.ts']),
  nodeTarget('API', 'api', 'src/main.ts', 'dist', ['src']),
  nodeTarget('collector', 'collector', 'src/main.ts', 'dist', ['src']),
]

/**
 * Builds what differs from what was built last, judged by content: a fresh checkout has new
 * modification times and the same content.
 * @param names the targets, where not all are needed
 * @returns the names of what was built
 */
export async function buildStale(names?: readonly string[]): Promise<string[]> {
  const built: string[] = []
  const { NODE_ENV } = process.env
  // Vite would build for whatever the shell or a test runner has set: React's development code.
  process.env.NODE_ENV = 'production'
  for (const target of targets) {
    if (names !== undefined && !names.includes(target.name)) continue
    const stamp = join(root, target.output, '.inputs')
    const now = hashOf(target.inputs)
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === now) continue
    console.log(`pingtrace: building the ${target.name} …`)
    await target.build()
    writeFileSync(stamp, now)
    built.push(target.name)
  }
  if (NODE_ENV === undefined) delete process.env.NODE_ENV
  else process.env.NODE_ENV = NODE_ENV
  return built
}

/** Our own packages are bundled in; what comes from npm is left to node_modules. */
function nodeTarget(
  name: string,
  room: string,
  entry: string,
  outDir: string,
  inputs: string[],
): Target {
  return {
    name,
    inputs: [...inputs.map((input) => join(room, input)), ...shared],
    output: join(room, outDir),
    build: async () => {
      const { build } = await import('vite')
      await build({
        configFile: false,
        logLevel: 'warn',
        root: join(root, room),
        build: {
          ssr: entry,
          outDir,
          target: 'node20',
          sourcemap: true,
          emptyOutDir: true,
          license: { fileName: 'third-party-licenses.md' },
        },
        // Ours, and what only ours depend on: from the room's own folder nobody would find that.
        ssr: { noExternal: [/^@pingtrace\//, 're2js'] },
      })
    },
  }
}

function hashOf(inputs: string[]): string {
  const hash = createHash('sha256')
  for (const input of inputs) {
    for (const file of filesBelow(input)) hash.update(file).update(readFileSync(join(root, file)))
  }
  return hash.digest('hex')
}

function filesBelow(path: string): string[] {
  const absolute = join(root, path)
  if (!statSync(absolute).isDirectory()) return [path]
  return readdirSync(absolute)
    .filter((name) => name !== 'node_modules' && !/\.test\.tsx?$/.test(name))
    .sort()
    .flatMap((name) => filesBelow(join(path, name)))
}
