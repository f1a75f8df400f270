import { runChild } from '@pingtrace/embedded-server'
import { startServer } from './server.ts'

await runChild(async (port) => (await startServer(port)).port)
