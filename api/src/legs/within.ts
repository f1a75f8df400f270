/** Something took too long; `code` makes it known to whoever classifies errors by it. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError'
  readonly code = 'ETIMEDOUT'
}

/**
 * Runs `work` for at most `ms` milliseconds.
 * @param what appears in the message: "<what> did not answer within <ms> ms"
 * @param work gets a signal that aborts when the time is up; its result is ignored from then on
 * @throws TimeLimitError when the time is up, or what `work` throws
 */
export async function within<Result>(
  ms: number,
  what: string,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TimeLimitError(`${what} did not answer within ${ms} ms`))
      limit.abort()
    }, ms)
  })
  try {
    return await Promise.race([work(limit.signal), late])
  } finally {
    clearTimeout(timer)
  }
}
