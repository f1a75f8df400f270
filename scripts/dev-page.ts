import { runUntilStopped } from '@pingtrace/loopback'
import { createServer } from 'vite'
import { root } from './paths.ts'
import { messageOf } from './settings.ts'

try {
  const server = await createServer({ root: `${root}web`, logLevel: 'warn' })
  await server.listen()
  runUntilStopped(() => server.close())
} catch (error) {
  console.error(`web: ${messageOf(error)}`)
  process.exit(1)
}
