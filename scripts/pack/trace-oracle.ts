import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../paths.ts'
import { copyBuilt, copyDocuments } from './copy.ts'
import { writeDeclarations } from './declarations.ts'
import { type Manifest, manifestOf, version } from './manifest.ts'

const folder = join(root, 'packages/trace-oracle')

/** What can be imported, and its module. */
const entries = {
  '.': 'index.ts',
  './playwright': 'playwright/index.ts',
  './vitest': 'vitest.ts',
  './page': 'page.ts',
}

/** The oracle as JavaScript with declarations, and what it uses of the workspace in it. */
export async function fillTraceOracle(stage: string): Promise<Manifest> {
  const manifest = manifestOf(
    '@pingtrace/trace-oracle',
    'Assert on the complete trace of what a test has done, with Playwright or vitest',
    {
      keywords: ['opentelemetry', 'tracing', 'testing', 'playwright', 'vitest'],
      exports: {
        ...Object.fromEntries(Object.entries(entries).map(exported)),
        './package.json': './package.json',
      },
      peerDependencies: {
        // The application's own: another copy in the same process would be another tracer.
        '@opentelemetry/api': '^1.9.0',
        '@pingtrace/collector': version,
        // The first whose init scripts can be taken back.
        '@playwright/test': '>=1.59',
        // The first with `Matchers` to extend.
        vitest: '>=3.2',
      },
      peerDependenciesMeta: {
        '@pingtrace/collector': { optional: true },
        '@playwright/test': { optional: true },
        vitest: { optional: true },
      },
    },
  )
  const built = mkdtempSync(join(tmpdir(), 'pingtrace-oracle-'))
  try {
    await buildModules(built)
    copyBuilt(built, join(stage, 'dist'), manifest)
  } finally {
    rmSync(built, { recursive: true })
  }
  writeDeclarations(
    join(folder, 'tsconfig.types.json'),
    Object.values(entries).map((module) => `trace-oracle/src/${module}`),
    join(stage, 'types'),
  )
  copyDocuments(stage, {
    'packages/trace-oracle/README.md': 'README.md',
    'docs/oracle.md': 'docs/oracle.md',
    'docs/doctor.md': 'docs/doctor.md',
  })
  return manifest
}

function exported([path, module]: [string, string]) {
  const types = `./types/trace-oracle/${module.replace(/\.ts$/, '.d.ts')}`
  return [path, { types, default: `./dist/${nameOf(path)}.js` }]
}

const nameOf = (path: string) => (path === '.' ? 'index' : path.slice(2))

async function buildModules(outDir: string): Promise<void> {
  const { build } = await import('vite')
  const input = Object.entries(entries).map(([path, module]) => [
    nameOf(path),
    join(folder, 'src', module),
  ])
  await build({
    configFile: false,
    logLevel: 'warn',
    root: folder,
    build: {
      ssr: true,
      outDir,
      target: 'node20',
      emptyOutDir: true,
      rolldownOptions: { input: Object.fromEntries(input) },
    },
    ssr: { noExternal: [/^@pingtrace\//] },
  })
}
