export const jaegerVariable = 'PINGTRACE_JAEGER_URL'

/**
 * Where the one Jaeger answers that the viewer may be pointed at: the base of its query port, such as
 * `http://localhost:16686`, with the path before `/api/v3` where it has one.
 * @returns undefined when it is not set
 * @throws Error that names the variable; never with what it holds, which may be a password
 */
export function readJaegerUrl(env: Record<string, string | undefined>): URL | undefined {
  const text = env[jaegerVariable]?.trim()
  if (!text) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Error(`${jaegerVariable} must be an http(s) URL, as http://localhost:16686`)
  }
  if (url.username !== '' || url.password !== '') {
    throw new Error(`${jaegerVariable} must not hold a user or password: put them into a proxy`)
  }
  if (url.search !== '' || url.hash !== '') {
    throw new Error(`${jaegerVariable} must end with a path: what follows "?" or "#" is of no use`)
  }
  // What is asked is resolved below it.
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}
