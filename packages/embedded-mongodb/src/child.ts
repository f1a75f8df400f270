import type { StartReport } from './child-process.ts'
import { startServer } from './server.ts'

// Nothing is kept on disk and no reply is half written between two turns of the event loop, so
// there is nothing to save. The channel closes when the parent stops us, and when it dies.
process.on('disconnect', () => process.exit(0))
if (!process.connected) process.exit(0)

// Ctrl-C reaches every process of the terminal; the parent decides when this one goes.
process.on('SIGINT', () => undefined)

const report = await start(Number(process.argv[2]))
process.send?.(report)

async function start(port: number): Promise<StartReport> {
  try {
    const server = await startServer(port)
    return { port: server.port }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { error: code === 'EADDRINUSE' ? `port ${port} on 127.0.0.1 is in use` : message }
  }
}
