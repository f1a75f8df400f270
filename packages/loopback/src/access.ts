import type { IncomingMessage, RequestListener } from 'node:http'

/** As much of a request as decides who may send it; nothing of it has been acted on yet. */
export type AccessRequest = Pick<IncomingMessage, 'method' | 'url' | 'headersDistinct'>

/** What one server lets in. */
export interface AccessRules {
  /** Names it is reached by besides the loopback ones: `readAllowedHosts`. */
  hosts: readonly string[]
  /** Whether pages of this origin may call it and read its answers. */
  isListed(origin: string): boolean
  /** Whether a page of another port of this machine may link to it; only where a GET does nothing. */
  allowsLinks: boolean
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

const hostsVariable = 'PINGTRACE_ALLOWED_HOSTS'

/**
 * Further names under which the servers may be addressed, such as a container's in its network.
 * @returns lower-case names without ports
 * @throws Error that names the variable, when an entry is no host name: a port, a scheme or a
 * wildcard would look as if it meant something here
 */
export function readAllowedHosts(env: Record<string, string | undefined>): string[] {
  const entries = (env[hostsVariable] ?? '').split(',').map((entry) => entry.trim().toLowerCase())
  return entries.filter((entry) => {
    if (entry === '') return false
    if (/^([a-z0-9_]([a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/.test(entry)) return true
    throw new Error(`${hostsVariable} must be a list of host names without ports, not "${entry}"`)
  })
}

/**
 * The origins in a list with commas, as browsers write them in `Origin`: in lower case, without a
 * path, without the port where it is the scheme's own.
 * @throws Error that names the variable, when an entry is no http(s) origin
 */
export function readOrigins(env: Record<string, string | undefined>, variable: string): string[] {
  const entries = (env[variable] ?? '').split(',').map((entry) => entry.trim())
  return entries
    .filter((entry) => entry !== '')
    .map((entry) => {
      const url = URL.canParse(entry) ? new URL(entry) : undefined
      if (url !== undefined && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) {
        return url.origin
      }
      throw new Error(`${variable} must be a list such as https://page.example, not "${entry}"`)
    })
}

/**
 * Why a request must not be answered, in words; undefined when it may be.
 *
 * A server on loopback is within reach of every page that this machine's browser has open, so it
 * takes three questions:
 *
 * 1. Which name was it called by? A page whose own name was made to resolve to 127.0.0.1 (DNS
 *    rebinding) is of the same origin as we are; only the `Host` header still tells.
 * 2. Which page calls? `Origin` comes with whatever a page may read, and with every POST. CORS alone
 *    would keep a stranger from reading the answer, but not from causing what is done for it.
 * 3. Without an origin: is it a page all the same? `<img>`, `<script>`, links and `no-cors` GETs send
 *    none, but browsers say in `Sec-Fetch-Site` (Fetch Metadata) where they come from. A page cannot
 *    change that header. Programs send neither.
 *
 * `same-site` counts as a stranger: the port is no part of a site, so that this is every page of
 * every server on this machine.
 */
export function reasonToRefuse(request: AccessRequest, rules: AccessRules): string | undefined {
  return reasonToRefuseHost(request, rules.hosts) ?? reasonToRefusePage(request, rules)
}

/** The first of the questions, for a server that anybody may link to. */
export function reasonToRefuseHost(
  { url = '', headersDistinct }: AccessRequest,
  hosts: readonly string[],
): string | undefined {
  const { host = [] } = headersDistinct
  if (host.length !== 1) return 'a request must have one Host header'
  // RFC 9112, 3.2.2: a target in absolute form says the name as well, and then that one counts.
  const authority = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1]
  const names = [...host, ...(authority === undefined ? [] : [authority])]
  if (names.every((name) => isAllowedHost(name, hosts))) return undefined
  return `the Host header must be localhost, 127.0.0.1, [::1] or a name in ${hostsVariable}`
}

/**
 * The port may be any: it is another one where a container publishes it or a tunnel leads to it,
 * and a page that was rebound gains nothing by it.
 */
function isAllowedHost(host: string, hosts: readonly string[]): boolean {
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase()
  return loopbackNames.includes(name) || hosts.includes(name)
}

function reasonToRefusePage(
  request: AccessRequest,
  { isListed, allowsLinks }: AccessRules,
): string | undefined {
  const { origin } = request.headersDistinct
  if (origin !== undefined) {
    // Exactly as browsers write it; "null" (a sandboxed frame, a file) is never on a list.
    if (origin.length === 1 && isListed(origin[0]!)) return undefined
    return 'pages of this origin may not use this server'
  }
  const site = only(request, 'sec-fetch-site')
  if (site === undefined || site === 'none' || site === 'same-origin') return undefined
  if (allowsLinks && site === 'same-site' && isLink(request)) return undefined
  return 'another page may not lead or load from here; an address can be typed or pasted'
}

/** A person followed a link: the answer replaces the page that led here, which sees none of it. */
function isLink(request: AccessRequest): boolean {
  return (
    request.method === 'GET' &&
    only(request, 'sec-fetch-mode') === 'navigate' &&
    only(request, 'sec-fetch-dest') === 'document'
  )
}

/** The value of a header; one that came twice has a value that no rule knows. */
function only({ headersDistinct }: AccessRequest, name: string): string | undefined {
  return headersDistinct[name]?.join(', ')
}

export interface Refusal {
  contentType: string
  body: string | Uint8Array
}

/**
 * Puts the question before a listener, ahead of any framework: nothing is read, written or run for
 * a request that is refused.
 * @param judge `reasonToRefuse` or `reasonToRefuseHost`, with the server's rules
 * @param refusal the body of the 403, in the form of the server's protocol
 */
export function guarded(
  listener: RequestListener,
  judge: (request: AccessRequest) => string | undefined,
  refusal: (reason: string, request: IncomingMessage) => Refusal,
): RequestListener {
  return (request, response) => {
    // For all answers: what one origin was told, refusals too, must not be served to another.
    response.setHeader('Vary', 'Origin')
    const reason = judge(request)
    if (reason === undefined) return listener(request, response)
    const { contentType, body } = refusal(reason, request)
    response.statusCode = 403
    response.setHeader('Content-Type', contentType)
    // Where a link led here the refusal is a page of our own origin, and its browser would come back
    // for /favicon.ico, which no question above could tell from our own pages' requests.
    response.setHeader('Content-Security-Policy', "default-src 'none'")
    response.end(body)
  }
}
