import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Configuration, readConfiguration } from './configuration.ts'
import { ConfigurationError } from './problems.ts'

const configVariable = 'PINGTRACE_CONFIG'

const options = { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const

/** @param args as in `process.argv`, from the third */
export function asksForHelp(args: string[]): boolean {
  return parseArgs({ args, options, strict: false }).values.help === true
}

/**
 * The configuration that `--config <file>` names, or else `PINGTRACE_CONFIG`.
 * @param args as in `process.argv`, from the third
 * @returns undefined where neither does
 * @throws ConfigurationError with a line for each thing to change
 */
export function configurationOf(
  args: string[],
  env: Record<string, string | undefined>,
): Configuration | undefined {
  const file = fileOf(args) ?? env[configVariable]
  return file ? readConfiguration(read(file), file, env) : undefined
}

function fileOf(args: string[]): string | undefined {
  try {
    return parseArgs({ args, options }).values.config
  } catch (error) {
    throw new ConfigurationError(
      `${(error as Error).message} (there are --config <file> and --help, no more)`,
    )
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigurationError(`the configuration cannot be read: ${(error as Error).message}`)
  }
}
