import { exporterSettings } from '@pingtrace/otlp'
import { buildStale } from './build-stale.ts'
import { startCollectorAlone } from './collector-alone.ts'
import { settingsOrExit } from './settings.ts'
import { supervise } from './supervise.ts'

// The collector and its viewer, for whatever sends to it: no page, no API, nothing embedded.

const settings = settingsOrExit()
await buildStale(['viewer', 'collector'])
const onLine = (_name: string, line: string) => console.log(line)
await supervise((onCrash) => startCollectorAlone({ ...settings, onLine, onCrash }))

const { otlpGrpc, otlpHttp, query } = settings.ports
const ways = exporterSettings('localhost', { grpc: otlpGrpc, http: otlpHttp })
const width = Math.max(...ways.map(({ sender }) => sender.length))
console.log('\n  Point an OpenTelemetry SDK at it:\n')
for (const { sender, line } of ways) console.log(`  ${sender.padEnd(width)}  ${line}`)
console.log(`\n  Open http://localhost:${query} for the traces. Ctrl-C ends it.\n`)
