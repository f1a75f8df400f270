import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { diagnoseAll, isAtLeast, type Severity, severities } from '@pingtrace/doctor'
import { readSpans } from '@pingtrace/otlp'
import { readTraceFile, TraceFileError } from '@pingtrace/trace-files'
import { reportFindings } from './report-findings.ts'

const usage = `name one file: npm run doctor -- [--fail-on ${severities.join('|')}] trace.json
(OTLP JSON, JSON lines or Jaeger's JSON; - for standard input)`

/**
 * `npm run doctor -- file`: 0 for traces without a finding as grave as `--fail-on` (a warning, when
 * left out), 1 for others, 2 for a file that is no traces.
 */
const { file, failOn } = readArguments()
try {
  // npm changes into the repository; the name is meant from where it was called.
  const path = file === '-' ? 0 : resolve(process.env.INIT_CWD ?? '.', file)
  const traces = readTraceFile(readFileSync(path, 'utf8'))
  const spans = [...traces.values()].flatMap((data) => readSpans(data))
  const findings = diagnoseAll(spans)
  console.log(reportFindings(spans, findings))
  const isBad = [...findings.values()].flat().some(({ severity }) => isAtLeast(severity, failOn))
  process.exitCode = isBad ? 1 : 0
} catch (error) {
  if (!(error instanceof TraceFileError) && !isSystemError(error)) throw error
  console.error(`pingtrace: ${file}: ${error.message}`)
  process.exitCode = 2
}

function readArguments(): { file: string; failOn: Severity } {
  try {
    const { values, positionals } = parseArgs({
      options: { 'fail-on': { type: 'string', default: 'warning' } },
      allowPositionals: true,
    })
    const [file, ...others] = positionals
    const failOn = severities.find((severity) => severity === values['fail-on'])
    if (file === undefined || others.length > 0 || failOn === undefined) return exitWithUsage(usage)
    return { file, failOn }
  } catch (error) {
    return exitWithUsage(`${error instanceof Error ? error.message : error}\n${usage}`)
  }
}

function exitWithUsage(words: string): never {
  console.error(`pingtrace: ${words}`)
  process.exit(2)
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error
}
