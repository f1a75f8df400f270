import type { ApiFault } from './faults.ts'

/**
 * Has the API break something for as long as `action` runs.
 * @throws Error when the API cannot be told
 */
export async function withApiFault<T>(
  apiUrl: string,
  fault: ApiFault,
  action: () => Promise<T>,
): Promise<T> {
  await tell(apiUrl, fault)
  try {
    return await action()
  } finally {
    // When it cannot be told either, it mends itself after half a minute.
    await tell(apiUrl, 'none').catch(() => undefined)
  }
}

/** Text, because a page may send that without asking first. */
async function tell(apiUrl: string, fault: ApiFault | 'none'): Promise<void> {
  const url = `${apiUrl.replace(/\/$/, '')}/pingtrace/faults`
  const response = await fetch(url, { method: 'POST', body: fault })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
}
