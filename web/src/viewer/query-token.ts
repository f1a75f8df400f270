/**
 * The token that a collector may ask its readers for. A person types it in; it is kept for this tab,
 * and until it is closed, so that neither other pages nor tomorrow's find it.
 */
const key = 'pingtrace-query-token'

/** What the browser keeps of it: a tab's `sessionStorage`, which may be forbidden, and then throws. */
export function readQueryToken(): string | undefined {
  try {
    return sessionStorage.getItem(key) ?? undefined
  } catch {
    // Nothing is kept here: it will be asked for again.
    return undefined
  }
}

/** @returns whether the browser keeps it */
export function keepQueryToken(token: string): boolean {
  try {
    sessionStorage.setItem(key, token)
    return true
  } catch {
    // Forbidden for this page; who asked is told.
    return false
  }
}

/** `fetch` from the collector, with the token where there is one. */
export function fetchQuery(url: string | URL, init: RequestInit = {}): Promise<Response> {
  const token = readQueryToken()
  const headers = new Headers(init.headers)
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
  return fetch(url, { ...init, headers })
}
