/**
 * Resolves when the tab is shown, at once when it is; or when stopped.
 */
export function whenShown(stop: AbortSignal): Promise<void> {
  return when(() => document.visibilityState === 'visible', stop)
}

/** Aborts when the tab is hidden, or when stopped. */
export function whileShown(stop: AbortSignal): AbortSignal {
  const hidden = new AbortController()
  const over = AbortSignal.any([stop, hidden.signal])
  void when(() => document.visibilityState === 'hidden', over).then(() => hidden.abort())
  return over
}

function when(holds: () => boolean, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const leave = new AbortController()
    const check = (): void => {
      if (!stop.aborted && !holds()) return
      leave.abort()
      resolve()
    }
    document.addEventListener('visibilitychange', check, { signal: leave.signal })
    stop.addEventListener('abort', check, { signal: leave.signal })
    check()
  })
}
