import { resolve } from 'node:path'
import {
  loopbackOrigins,
  portVariables,
  readAllowedHosts,
  readPorts,
  runUntilStopped,
} from '@pingtrace/loopback'
import { StartError, startCollector } from './collector.ts'
import { endpointVariable, readForwardSettings } from './exporters/settings.ts'
import { readRetention } from './store/retention.ts'

const dataDirVariable = 'PINGTRACE_DATA_DIR'
const viewerDirVariable = 'PINGTRACE_VIEWER_DIR'

try {
  const ports = readPorts(process.env)
  const forward = readForwardSettings(process.env)
  const viewerDir = process.env[viewerDirVariable]
  const collector = await startCollector({
    ports,
    dataDir: resolve(process.env[dataDirVariable] || '.pingtrace/segments'),
    retention: readRetention(process.env),
    exporters: forward === undefined ? [] : [{ id: endpointVariable, forward }],
    queryOrigins: loopbackOrigins(ports.web),
    allowedHosts: readAllowedHosts(process.env),
    ...(viewerDir ? { viewerDir: resolve(viewerDir) } : {}),
  })
  const { otlpGrpc, otlpHttp, query } = collector.ports
  console.log(
    `collector: OTLP/gRPC on ${otlpGrpc}, OTLP/HTTP on ${otlpHttp}, queries on ${query}, ` +
      `${collector.store.spanCount} spans stored`,
  )
  runUntilStopped(() => collector.close())
} catch (error) {
  console.error(`collector: ${explain(error)}`)
  process.exit(1)
}

/** One line that says what to change. */
function explain(error: unknown): string {
  if (!(error instanceof StartError)) return error instanceof Error ? error.message : String(error)
  const { part } = error
  const { code, message } = error.cause as NodeJS.ErrnoException
  if (part === 'dataDir') return `the data folder cannot be used: ${message} (${dataDirVariable})`
  if (part === 'viewerDir') return `there is no viewer: ${message} (${viewerDirVariable})`
  const { name } = portVariables[part]
  const port = readPorts(process.env)[part]
  if (code === 'EADDRINUSE') return `port ${port} is in use; set ${name} to a free one`
  return `cannot listen on port ${port} (${name}): ${message}`
}
