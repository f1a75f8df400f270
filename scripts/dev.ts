import { readPorts } from '@pingtrace/loopback'
import { restartOnChange } from './restart-on-change.ts'
import { runStack } from './run-stack.ts'

const stack = await runStack({ ports: readPorts(process.env), fromSource: true })
// The page reloads its own modules; the two servers are started anew when their sources change.
restartOnChange(stack.api, 'API', ['api/src', 'packages'])
restartOnChange(stack.collector, 'collector', ['collector/src', 'packages'])
