const allowedOrigins = new Set<string>()

/**
 * Trace headers go to these origins and to no other.
 *
 * A stranger's server would learn the ids of our traces, and the extra header would make the
 * browser ask it for permission first, which it would refuse: the request fails that worked before.
 * (W3C Trace Context, sections 5 and 6, on privacy and security.) To begin with, nobody is allowed.
 *
 * A redirect takes the headers along: allow only origins that redirect to none but allowed ones.
 *
 * @param urls absolute URLs; only their origin counts
 */
export function allowPropagationTo(urls: readonly string[]): void {
  for (const url of urls) allowedOrigins.add(new URL(url).origin)
}

export function mayPropagateTo(url: URL): boolean {
  return allowedOrigins.has(url.origin)
}
