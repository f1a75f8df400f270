import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { describeExporterSettings, type OtlpPorts } from '@pingtrace/otlp'
import { buildStale } from './build-stale.ts'
import { startCollectorAlone } from './collector-alone.ts'
import { exitWith, settingsOrExit } from './settings.ts'
import { supervise } from './supervise.ts'

// The collector and its viewer, for whatever sends to it: no page, no API, nothing embedded.

const settings = settingsOrExit()
const config = configFile(process.argv.slice(2))
await buildStale(['viewer', 'collector'])
const onLine = (_name: string, line: string) => console.log(line)
await supervise((onCrash) => startCollectorAlone({ ...settings, config, onLine, onCrash }))

const { query } = settings.ports
const { ingestToken, queryToken } = settings.exposure
const headers = { ...(queryToken && { authorization: `Bearer ${queryToken}` }) }
const health = await fetch(`http://127.0.0.1:${query}/healthz`, { headers })
const { otlpPorts } = (await health.json()) as { otlpPorts: OtlpPorts }
console.log(`\n${describeExporterSettings(otlpPorts, ingestToken !== undefined)}`)
console.log(`\n  Open http://localhost:${query} for the traces. Ctrl-C ends it.\n`)

/** Relative to where npm was called, which it leaves for the root. */
function configFile(args: string[]): string | undefined {
  try {
    const { values } = parseArgs({ args, options: { config: { type: 'string' } } })
    const file = values.config ?? process.env.PINGTRACE_CONFIG
    return file && resolve(process.env.INIT_CWD ?? '.', file)
  } catch (error) {
    return exitWith(error)
  }
}
