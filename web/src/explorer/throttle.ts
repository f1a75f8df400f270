/**
 * Runs at once when it has not run for a while, and else once when that while is over, however often
 * it is called until then.
 */
export function throttle(run: () => void, pauseMs: number): { call(): void; cancel(): void } {
  let lastRun = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  const now = (): void => {
    timer = undefined
    lastRun = performance.now()
    run()
  }
  return {
    call: () => {
      if (timer !== undefined) return
      const wait = lastRun + pauseMs - performance.now()
      if (wait <= 0) now()
      else timer = setTimeout(now, wait)
    },
    cancel: () => {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
