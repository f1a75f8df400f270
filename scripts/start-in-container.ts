import { relayToLoopback } from './relay.ts'
import { runStack } from './run-stack.ts'
import { settingsOrExit } from './settings.ts'

// What `npm start` runs, without its looking for something to build: an image is built already.
const settings = settingsOrExit()
await runStack({ ...settings, fromSource: false })
// Told of other addresses, the collector is there itself.
const { web, api } = settings.ports
const isElsewhere = settings.exposure.addresses.length > 0
await relayToLoopback(isElsewhere ? [web, api] : Object.values(settings.ports))
