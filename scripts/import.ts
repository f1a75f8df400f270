import { importSpans } from '../collector/src/files/import-spans.ts'
import { readRetention } from '../collector/src/store/retention.ts'
import { fileArgument } from './file-argument.ts'
import { exitWith, settingsOrExit } from './settings.ts'

// Stores what is in a file of OTLP, whether a collector is running or not.

const { dataDir, ports, exposure } = settingsOrExit()
const path = fileArgument('import')
try {
  const imported = await importSpans({
    path,
    dataDir,
    retention: readRetention(process.env),
    otlpHttpPort: ports.otlpHttp,
    ingestToken: exposure.ingestToken,
  })
  const { requests, spans, rejectedSpans, by } = imported
  const where = by === 'collector' ? 'through the collector that is running' : `in ${dataDir}`
  console.log(`pingtrace: stored ${requests} requests with ${spans} spans ${where}`)
  if (rejectedSpans > 0) {
    console.error(`pingtrace: ${rejectedSpans} spans have no valid ids, and are not stored`)
  }
} catch (error) {
  exitWith(error)
}
