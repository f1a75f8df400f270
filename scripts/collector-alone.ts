import { ManagedProcess, type ProcessOptions } from './managed-process.ts'
import { viewerDir } from './paths.ts'
import type { Settings } from './settings.ts'
import { portEnvironment, refuseTakenPorts } from './stack.ts'

export interface CollectorAloneOptions
  extends Pick<Settings, 'ports' | 'dataDir'>,
    Pick<ProcessOptions, 'onLine' | 'onCrash'> {
  /** A configuration file, which then says where OTLP is received. */
  config?: string | undefined
  /** Further variables. */
  env?: Record<string, string>
}

/**
 * Starts the built collector with the built viewer and nothing beside it.
 * @throws Error in one line that says what to do
 */
export async function startCollectorAlone(options: CollectorAloneOptions): Promise<ManagedProcess> {
  const { ports, dataDir, config, env, onLine, onCrash } = options
  const { otlpGrpc, otlpHttp, query } = ports
  await refuseTakenPorts(config === undefined ? { otlpGrpc, otlpHttp, query } : { query })
  const collector = new ManagedProcess({
    name: 'collector',
    entry: 'collector/dist/main.js',
    env: {
      ...env,
      ...portEnvironment(ports),
      PINGTRACE_DATA_DIR: dataDir,
      PINGTRACE_VIEWER_DIR: viewerDir,
      ...(config !== undefined && { PINGTRACE_CONFIG: config }),
    },
    fromSource: false,
    onLine,
    onCrash,
  })
  await collector.start()
  return collector
}
