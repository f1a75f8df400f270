import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { findChromium } from './chromium.ts'
import { root } from './paths.ts'

/**
 * Runs the end-to-end tests in a Chromium that starts.
 * @param args Playwright's own, for example a file name or `--headed`
 * @returns its exit code
 */
export async function runPlaywright(args: string[]): Promise<number> {
  const found = await findChromium()
  console.log(`pingtrace: end-to-end tests in Chromium ${found.version}, from ${found.source}`)
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli')
  const { status } = spawnSync(process.execPath, [cli, 'test', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      ...found.env,
      ...(found.executablePath === undefined ? {} : { E2E_CHROMIUM: found.executablePath }),
    },
  })
  return status ?? 1
}
