import type { StartReport } from './start-child.ts'

/**
 * What the program of an embedded server does: starts it on the port that it was handed, tells the
 * parent how that went, and ends with the parent.
 * @param start resolves with the port on which the server answers
 */
export async function runChild(start: (port: number) => Promise<number>): Promise<void> {
  // Nothing is kept on disk and no reply is half written between two turns of the event loop, so
  // there is nothing to save. The channel closes when the parent stops us, and when it dies.
  process.on('disconnect', () => process.exit(0))
  if (!process.connected) process.exit(0)

  // Ctrl-C, a closed terminal and the SIGTERM of some supervisors reach every process at once; the
  // parent decides when this one goes.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)

  process.send?.(await report(start, Number(process.argv[2])))
}

async function report(
  start: (port: number) => Promise<number>,
  port: number,
): Promise<StartReport> {
  try {
    return { port: await start(port) }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { error: code === 'EADDRINUSE' ? `port ${port} on 127.0.0.1 is in use` : message }
  }
}
