/** What came of a call. */
export type Outcome = {
  /** From just before the request to the last byte of the response. */
  durationMs: number
} & (
  | { kind: 'answered'; status: number; contentType: string; bytes: number; body: string }
  | { kind: 'failed'; error: Error }
)

/** Reads all of a response; never rejects. */
export async function outcomeOf(response: Promise<Response>): Promise<Outcome> {
  const began = performance.now()
  const durationMs = () => performance.now() - began
  try {
    const { status, headers } = await response
    const body = await (await response).arrayBuffer()
    return {
      kind: 'answered',
      status,
      contentType: headers.get('content-type') ?? '',
      bytes: body.byteLength,
      body: new TextDecoder().decode(body),
      durationMs: durationMs(),
    }
  } catch (reason) {
    const error = reason instanceof Error ? reason : new Error(String(reason))
    return { kind: 'failed', error, durationMs: durationMs() }
  }
}
