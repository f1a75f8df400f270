import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Configuration, readConfiguration } from './configuration.ts'
import { ConfigurationError } from './problems.ts'

const configVariable = 'PINGTRACE_CONFIG'

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
    return parseArgs({ args, options: { config: { type: 'string' } } }).values.config
  } catch (error) {
    throw new ConfigurationError(`${(error as Error).message} (there is --config <file>, no more)`)
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigurationError(`the configuration cannot be read: ${(error as Error).message}`)
  }
}
