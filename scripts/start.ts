import { readPorts } from '@pingtrace/loopback'
import { buildStale } from './build-stale.ts'
import { runStack } from './run-stack.ts'

await buildStale()
await runStack({ ports: readPorts(process.env), fromSource: false })
