import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { portVariables } from '@pingtrace/loopback'
import { freePort } from '@pingtrace/loopback/free-ports'
import { connectCollector, type TraceCollector } from './connect-collector.ts'
import { findCollector } from './find-collector.ts'

export interface OwnCollector extends TraceCollector {
  /** Ends it; what it has stored goes with it. */
  stop(): Promise<void>
}

/**
 * Starts a collector with an empty store on free ports, in a process of its own that ends with ours.
 * It is the built one; the viewer is served where it is built as well.
 * @throws Error that says what to do
 */
export async function startCollector(): Promise<OwnCollector> {
  const { url, stop } = await launchCollector({})
  try {
    return { ...(await connectCollector(url)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * The process alone.
 * @param env what it is told besides
 * @returns the address of its queries
 */
export async function launchCollector(
  env: Record<string, string>,
): Promise<{ url: string; stop(): Promise<void> }> {
  const { main, viewerDir } = findCollector()
  const dataDir = await mkdtemp(join(tmpdir(), 'trace-oracle-'))
  const query = await freePort()
  const child = fork(main, {
    cwd: dirname(main),
    env: {
      ...withoutOurs(),
      [portVariables.otlpGrpc.name]: String(await freePort()),
      [portVariables.otlpHttp.name]: String(await freePort()),
      [portVariables.query.name]: String(query),
      [portVariables.web.name]: String(await freePort()),
      [portVariables.api.name]: String(await freePort()),
      PINGTRACE_DATA_DIR: join(dataDir, 'segments'),
      ...(existsSync(viewerDir) && { PINGTRACE_VIEWER_DIR: viewerDir }),
      ...env,
    },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const stop = async () => {
    await end(child)
    await rm(dataDir, { recursive: true, force: true })
  }
  try {
    await ready(child)
    return { url: `http://localhost:${query}`, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Whoever runs the tests may have a collector of his own, and telemetry that goes elsewhere. */
function withoutOurs(): NodeJS.ProcessEnv {
  const isForeign = ([name]: [string, unknown]) => !/^(PINGTRACE_|OTEL_)/.test(name)
  return Object.fromEntries(Object.entries(process.env).filter(isForeign))
}

/** It says so, once it answers. */
async function ready(child: ChildProcess): Promise<void> {
  let said = ''
  child.stderr?.on('data', (chunk) => (said += chunk))
  const ended = once(child, 'close').then(() => {
    throw new Error(`the collector ended at its start: ${said.trim()}`)
  })
  await Promise.race([once(child, 'message'), ended])
  // Its end is no news from here on.
  ended.catch(() => undefined)
}

/** It ends when the channel to us does. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  if (child.connected) child.disconnect()
  await gone
}
