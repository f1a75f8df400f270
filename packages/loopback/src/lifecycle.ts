const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * Tells the supervisor (if there is one) that this process is ready, and runs `stop` once when the
 * process is asked to end: by SIGTERM, Ctrl-C or a closed terminal when it runs alone; under a
 * supervisor by the end of the channel to it, which also comes when the supervisor dies.
 *
 * Ctrl-C and the end of a terminal reach every process of it at once, and so does SIGTERM where a
 * whole group is ended (CI, containers, other supervisors). Under a supervisor all three are ignored
 * here, because it stops its children in an order that lets the last spans arrive.
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
  for (const signal of signals) {
    process.on(signal, () => {
      if (!supervised) void end()
    })
  }
  process.on('disconnect', end)
  // The supervisor may have died while this process was starting: nobody tells it again.
  if (supervised && !process.connected) void end()
  // A channel that breaks just now is told by `disconnect`, which is enough.
  process.send?.({ ready: true }, undefined, undefined, () => undefined)
}
