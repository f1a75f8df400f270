import { buildStale } from './build-stale.ts'
import { runPlaywright } from './run-playwright.ts'

await buildStale()
process.exitCode = await runPlaywright(process.argv.slice(2))
