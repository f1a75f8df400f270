import { resolve } from 'node:path'
import {
  loopbackOrigins,
  portVariables,
  readAllowedHosts,
  readExposure,
  readPorts,
  runUntilStopped,
} from '@pingtrace/loopback'
import { describeExporterSettings } from '@pingtrace/otlp'
import { type CollectorOptions, StartError, startCollector } from './collector.ts'
import { asksForHelp, configurationOf } from './config/command-line.ts'
import type { Configuration } from './config/configuration.ts'
import { endpointVariable, readForwardSettings } from './exporters/settings.ts'
import { readJaegerUrl } from './jaeger/jaeger-url.ts'
import { readSyncPolicy } from './store/disk-sync.ts'
import { readRetention } from './store/retention.ts'
import { usage } from './usage.ts'

const dataDirVariable = 'PINGTRACE_DATA_DIR'
const viewerDirVariable = 'PINGTRACE_VIEWER_DIR'

let configured: Configuration | undefined

if (asksForHelp(process.argv.slice(2))) {
  console.log(usage)
  process.exit(0)
}

try {
  const ports = readPorts(process.env)
  configured = configurationOf(process.argv.slice(2), process.env)
  if (configured !== undefined && readForwardSettings(process.env) !== undefined) {
    console.warn(`collector: ${endpointVariable} is not obeyed, the configuration file is`)
  }
  const exposure = readExposure(process.env)
  const jaegerUrl = readJaegerUrl(process.env)
  const viewerDir = process.env[viewerDirVariable]
  const collector = await startCollector({
    ...(configured === undefined ? fromVariables() : fromFile(configured)),
    dataDir: resolve(process.env[dataDirVariable] || '.pingtrace/segments'),
    retention: readRetention(process.env),
    fsync: readSyncPolicy(process.env),
    queryOrigins: loopbackOrigins(ports.web),
    exposure,
    jaegerUrl,
    allowedHosts: [...readAllowedHosts(process.env), ...exposure.hosts],
    ...(viewerDir ? { viewerDir: resolve(viewerDir) } : {}),
  })
  const { otlpGrpc, otlpHttp, query } = collector.ports
  console.log(
    `collector: OTLP/gRPC on ${otlpGrpc}, OTLP/HTTP on ${otlpHttp}, queries on ${query}, ` +
      `${collector.store.spanCount} spans stored`,
  )
  if (jaegerUrl) console.log(`collector: Jaeger at ${jaegerUrl.href} is read under /jaeger`)
  if (exposure.isOpen) {
    console.warn(`collector: whoever reaches ${exposure.addresses.join(', ')} needs no token`)
  }
  // Under a supervisor that is its affair.
  if (process.send === undefined) {
    const ways = describeExporterSettings(
      { grpc: otlpGrpc, http: otlpHttp },
      exposure.ingestToken !== undefined,
    )
    const open = viewerDir ? `Open http://localhost:${query} for the traces. ` : ''
    console.log(`\n${ways}\n\n  ${open}Ctrl-C ends it.\n`)
  }
  runUntilStopped(() => collector.close())
} catch (error) {
  for (const line of explain(error).split('\n')) console.error(`collector: ${line}`)
  process.exit(1)
}

type Source = Pick<CollectorOptions, 'ports' | 'exporters' | 'processors' | 'batch' | 'receiver'>

function fromVariables(): Source {
  const forward = readForwardSettings(process.env)
  const exporters = forward === undefined ? [] : [{ id: endpointVariable, forward }]
  return { ports: readPorts(process.env), exporters }
}

/** The file says all that it can say; the query port is none of it. */
function fromFile({ receiver, ...configuration }: Configuration): Source {
  const { grpc, http } = receiver
  const { query } = readPorts(process.env)
  return {
    ...configuration,
    ports: { otlpGrpc: grpc.port, otlpHttp: http.port, query },
    receiver,
  }
}

/** One line that says what to change. */
function explain(error: unknown): string {
  if (!(error instanceof StartError)) return error instanceof Error ? error.message : String(error)
  const { part } = error
  const { code, message } = error.cause as NodeJS.ErrnoException
  if (part === 'dataDir') return `the data folder cannot be used: ${message} (${dataDirVariable})`
  if (part === 'viewerDir') return `there is no viewer: ${message} (${viewerDirVariable})`
  const { ports } = configured === undefined ? fromVariables() : fromFile(configured)
  const port = ports[part]
  const isInFile = configured !== undefined && part !== 'query'
  const name = isInFile ? "the receiver's endpoint" : portVariables[part].name
  if (code === 'EADDRINUSE') return `port ${port} is in use; set ${name} to a free one`
  return `cannot listen on port ${port} (${name}): ${message}`
}
