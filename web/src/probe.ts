/**
 * Whether a server answers at this URL, whatever it says: it tells a server that is away from one
 * that refuses this page, since `fetch` throws the same TypeError for both.
 *
 * A `no-cors` request may go anywhere, and its answer is hidden from us; but it fails when there is
 * none. It is not traced: it is no part of what the user did.
 */
export async function answersAtAll(url: string): Promise<boolean> {
  try {
    await fetch(url, { mode: 'no-cors', cache: 'no-store', signal: AbortSignal.timeout(3_000) })
    return true
  } catch {
    // Refused, unknown or too slow: all are "no" here.
    return false
  }
}
