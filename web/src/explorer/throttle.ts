/**
 * Runs at once when it has not run for a while, and else once when that while is over, however often
 * it is called until then.
 * @param run answers how long the pause after it is, in milliseconds
 */
export function throttle(run: () => number): { call(): void; cancel(): void } {
  let notBefore = Number.NEGATIVE_INFINITY
  let timer: ReturnType<typeof setTimeout> | undefined
  const now = (): void => {
    timer = undefined
    notBefore = performance.now() + run()
  }
  return {
    call: () => {
      if (timer !== undefined) return
      const wait = notBefore - performance.now()
      if (wait <= 0) now()
      else timer = setTimeout(now, wait)
    },
    cancel: () => {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
