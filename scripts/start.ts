import { buildStale } from './build-stale.ts'
import { runStack } from './run-stack.ts'
import { settingsOrExit } from './settings.ts'

const settings = settingsOrExit()
await buildStale()
await runStack({ ...settings, fromSource: false })
