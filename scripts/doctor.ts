import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { diagnoseAll } from '@pingtrace/doctor'
import { OtlpFileError, readOtlpFile } from './otlp-file.ts'
import { reportFindings } from './report-findings.ts'

/** `npm run doctor -- file`: 0 for healthy traces, 1 for findings, 2 for a file that is no traces. */
const [file, ...others] = process.argv.slice(2)
if (file === undefined || others.length > 0) {
  console.error(
    'pingtrace: name one file: npm run doctor -- trace.json (OTLP JSON or JSON lines; - for standard input)',
  )
  process.exit(2)
}

try {
  // npm changes into the repository; the name is meant from where it was called.
  const path = file === '-' ? 0 : resolve(process.env.INIT_CWD ?? '.', file)
  const spans = readOtlpFile(readFileSync(path, 'utf8'))
  const findings = diagnoseAll(spans)
  console.log(reportFindings(spans, findings))
  process.exitCode = [...findings.values()].some((each) => each.length > 0) ? 1 : 0
} catch (error) {
  if (!(error instanceof OtlpFileError) && !isSystemError(error)) throw error
  console.error(`pingtrace: ${file}: ${error.message}`)
  process.exitCode = 2
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error
}
