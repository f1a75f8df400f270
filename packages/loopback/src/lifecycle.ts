/**
 * Tells the supervisor (if there is one) that this process is ready, and runs `stop` once when the
 * process is asked to end: SIGTERM, Ctrl-C, or the death of the supervisor.
 *
 * Ctrl-C reaches every process of the terminal at once. Under a supervisor it is ignored here,
 * because the supervisor stops its children in an order that lets the last spans arrive.
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
  process.on('SIGINT', () => {
    if (!supervised) void end()
  })
  process.on('disconnect', end)
  process.send?.({ ready: true })
}
