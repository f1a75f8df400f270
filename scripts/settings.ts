import { type Exposure, type Ports, readExposure, readPorts } from '@pingtrace/loopback'
import { root } from './paths.ts'

/** What the supervisor itself reads from the environment; each process reads what is its own. */
export interface Settings {
  ports: Ports
  /** Where the collector keeps its segments. */
  dataDir: string
  /** Who may reach the collector. */
  exposure: Exposure
  /** Where the API sends its spans (OTLP/gRPC); to the collector beside it when undefined. */
  apiOtlpEndpoint: string | undefined
}

/** Ends the process, with one line, when a variable is wrong: before anything is built or started. */
export function settingsOrExit(env: NodeJS.ProcessEnv = process.env): Settings {
  try {
    return {
      ports: readPorts(env),
      exposure: readExposure(env),
      dataDir: env.PINGTRACE_DATA_DIR || `${root}.pingtrace/segments`,
      apiOtlpEndpoint: readUrl(env, 'PINGTRACE_API_OTLP_ENDPOINT'),
    }
  } catch (error) {
    return exitWith(error)
  }
}

function readUrl(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const text = env[name]
  if (!text) return undefined
  if (URL.canParse(text) && /^https?:/.test(text)) return text
  throw new Error(`${name} must be an http(s) URL, not "${text}"`)
}

/** One line for what the person at the terminal can mend; no stack trace. */
export function exitWith(error: unknown): never {
  console.error(`pingtrace: ${messageOf(error)}`)
  process.exit(1)
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
