import { relayToLoopback } from './relay.ts'
import { runStack } from './run-stack.ts'
import { settingsOrExit } from './settings.ts'

// What `npm start` runs, without its looking for something to build: an image is built already.
const settings = settingsOrExit()
await runStack({ ...settings, fromSource: false })
await relayToLoopback(Object.values(settings.ports))
