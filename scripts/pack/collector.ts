import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { buildStale } from '../build-stale.ts'
import { root } from '../paths.ts'
import { copyBuilt, copyDocuments } from './copy.ts'
import { dependenciesOf, type Manifest, manifestOf } from './manifest.ts'

/** The collector as a program, with its viewer and its documents. */
export async function fillCollector(stage: string): Promise<Manifest> {
  await buildStale(['viewer', 'collector'])
  const manifest = manifestOf(
    '@pingtrace/collector',
    'An OpenTelemetry trace collector with store, search and viewer, in one process',
    {
      keywords: ['opentelemetry', 'otlp', 'tracing', 'collector', 'viewer'],
      bin: { 'pingtrace-collector': 'bin/pingtrace-collector.js' },
      exports: { './package.json': './package.json' },
      dependencies: dependenciesOf('collector'),
    },
  )
  copyBuilt(join(root, 'collector/dist'), join(stage, 'dist'), manifest)
  copyBuilt(join(root, 'web/dist-viewer'), join(stage, 'viewer'), {})
  cpSync(join(root, 'collector/bin'), join(stage, 'bin'), { recursive: true })
  const documents = ['configuration', 'jaeger', 'mcp', 'query', 'traceql'].map((name) => [
    `collector/docs/${name}.md`,
    `docs/${name}.md`,
  ])
  copyDocuments(stage, {
    'collector/README.md': 'README.md',
    ...Object.fromEntries(documents),
  })
  return manifest
}
