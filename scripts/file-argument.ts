import { resolve } from 'node:path'
import { exitWith } from './settings.ts'

/** The one file that a script is given, relative to where npm was called. */
export function fileArgument(script: string): string {
  const [file, ...more] = process.argv.slice(2)
  if (file === undefined || more.length > 0 || file.startsWith('-')) {
    return exitWith(new Error(`name one file: npm run ${script} -- spans.jsonl (or .otlp)`))
  }
  return resolve(process.env.INIT_CWD ?? '.', file)
}
