import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A collector that can be started. */
export interface CollectorProgram {
  /** The module to run. */
  main: string
  /** The viewer that it serves. */
  viewerDir: string
}

/** The folder of a built checkout of pingtrace, to be used instead of an installed collector. */
const homeVariable = 'PINGTRACE_HOME'

/**
 * The built collector of the checkout that the variable names; or the package that is installed beside
 * this one; or that of the checkout of which this file is a part.
 * @throws Error that says what to do, where there is none
 */
export function findCollector(env: NodeJS.ProcessEnv = process.env): CollectorProgram {
  const home = env[homeVariable]
  const program = home
    ? inCheckout(home)
    : (installed() ?? inCheckout(fileURLToPath(new URL('../../../', import.meta.url))))
  if (existsSync(program.main)) return program
  throw new Error(
    home
      ? `there is no ${program.main}: run "npm run build" in the folder that ${homeVariable} names`
      : `there is no collector to start: install the package @pingtrace/collector (in a checkout of pingtrace, run "npm run build"), or name one that runs in PINGTRACE_COLLECTOR_URL`,
  )
}

function inCheckout(home: string): CollectorProgram {
  return { main: join(home, 'collector/dist/main.js'), viewerDir: join(home, 'web/dist-viewer') }
}

/** It is no dependency: who has a collector that runs needs no other. */
function installed(): CollectorProgram | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('@pingtrace/collector/package.json')
    const viewerDir = join(dirname(manifest), 'viewer')
    // Where NODE_PATH leads into a workspace (pnpm's commands do), that is its room, not the package.
    if (!existsSync(viewerDir)) return undefined
    return { main: join(dirname(manifest), 'dist/main.js'), viewerDir }
  } catch {
    return undefined
  }
}
