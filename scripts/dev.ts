import { restartOnChange } from './restart-on-change.ts'
import { runStack } from './run-stack.ts'
import { settingsOrExit } from './settings.ts'

const stack = await runStack({ ...settingsOrExit(), fromSource: true })
// The page reloads its own modules; the two servers are started anew when their sources change.
restartOnChange(stack.api, 'API', ['api/src', 'packages'])
restartOnChange(stack.collector, 'collector', ['collector/src', 'packages'])
