const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * Tells the supervisor (if there is one) that this process is ready, and runs `stop` once when the
 * process is asked to end: by SIGTERM, Ctrl-C or a closed terminal when it runs alone; under a
 * supervisor by the end of the channel to it, which also comes when the supervisor dies. The end of npm or
 * npx, where they run it, counts too.
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
  if (!supervised) whenNpmIsGone(end)
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

/**
 * npm and npx pass SIGTERM to the shell between them and us, and the shell dies of it without a word.
 * What we can see is that our parent is gone. (On Windows the parent's id never changes, and nothing
 * happens.)
 */
export function whenNpmIsGone(stop: () => Promise<void>): void {
  // Without npm a parent may go on purpose: `node scripts/boot.mjs start & disown`.
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    void stop()
  }, 250)
  watch.unref()
}
