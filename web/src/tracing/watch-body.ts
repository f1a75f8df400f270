/** Bytes that are read ahead of whoever reads the response; what is larger waits to be read. */
const READ_AHEAD = 1_048_576

/**
 * The same response, whose end is told: `over` is called once, at its last byte, with the error that
 * broke it off, or when whoever reads it wants no more.
 *
 * A body that nobody reads is over as well, if it is small: it is read ahead. (Not `clone()`, which
 * would keep all of a large one in memory, and go on when the reader has cancelled.)
 */
export function watchBody(response: Response, over: (error?: unknown) => void): Response {
  if (response.body === null) {
    over()
    return response
  }
  const reader = response.body.getReader()
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          over()
          controller.close()
        } catch (error) {
          over(error)
          controller.error(error)
        }
      },
      cancel(reason) {
        over()
        return reader.cancel(reason)
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: READ_AHEAD }),
  )
  const { url, redirected, type } = response
  return Object.defineProperties(new Response(body, response), {
    url: { value: url },
    redirected: { value: redirected },
    type: { value: type },
  })
}
