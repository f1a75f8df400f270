import { createServer } from 'node:http'
import { join } from 'node:path'
import { readAllowedHosts, readPorts, runUntilStopped, serveOnLoopback } from '@pingtrace/loopback'
import { pageConfig } from './page-config.ts'
import { createPageServer, pageListener } from './page-server.ts'

// The same from the source (web/server) and from the bundle (web/dist-server).
const dist = join(import.meta.dirname, '../dist')

try {
  const app = createPageServer(pageConfig(process.env), dist)
  const listener = pageListener(app, readAllowedHosts(process.env))
  const server = await serveOnLoopback(() => createServer(listener), readPorts(process.env).web)
  runUntilStopped(() => server.close())
} catch (error) {
  // One line: what is wrong here, a variable or a port in use, is the reader's to mend.
  console.error(`web: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
