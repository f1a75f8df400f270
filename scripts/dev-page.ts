import { runUntilStopped } from '@pingtrace/loopback'
import { createServer } from 'vite'
import { root } from './paths.ts'

const server = await createServer({ root: `${root}web`, logLevel: 'warn' })
await server.listen()
runUntilStopped(() => server.close())
