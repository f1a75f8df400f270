/**
 * Whether a server answers behind the API's URL, whatever it says.
 *
 * A `no-cors` request may go anywhere, and its answer is hidden from us; but it fails when there is
 * none. It is not traced: it is no part of what the user did.
 */
export async function answersAtAll(apiUrl: string): Promise<boolean> {
  try {
    await fetch(`${apiUrl.replace(/\/$/, '')}/health`, {
      mode: 'no-cors',
      cache: 'no-store',
      signal: AbortSignal.timeout(3_000),
    })
    return true
  } catch {
    // Refused, unknown or too slow: all are "no" here.
    return false
  }
}
