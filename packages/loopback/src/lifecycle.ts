/**
 * Tells the supervisor (if there is one) that this process is ready, and runs `stop` once when the
 * process is asked to end: SIGTERM, Ctrl-C, a closed terminal, or the death of the supervisor.
 *
 * Ctrl-C and the end of a terminal reach every process of it at once. Under a supervisor both are
 * ignored here, because it stops its children in an order that lets the last spans arrive.
 */
export function runUntilStopped(stop: () => Promise<void>): void {
  let stopping = false
  const end = async () => {
    if (stopping) return
    stopping = true
    try {
      await stop()
      process.exit(0)
    } catch (error) {
      console.error(error)
      process.exit(1)
    }
  }
  const supervised = process.send !== undefined
  process.on('SIGTERM', end)
  for (const signal of ['SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!supervised) void end()
    })
  }
  process.on('disconnect', end)
  process.send?.({ ready: true })
}
