/** A host name, an IPv4 address or an IPv6 one in brackets, with a port or without; lists of them. */
const host = String.raw`(?:\[[0-9a-fA-F:.]+\]|[^@/?#:,[\]]+)(?::\d+)?`

/** User, query and fragment may hold secrets. None of the parts that are shown may hold an `@`. */
const url = new RegExp(
  `^([a-zA-Z][a-zA-Z0-9+.-]*://)(?:[^@/?#]*@)?(${host}(?:,${host})*)(/[^?#@]*)?(?:[?#][^@]*)?$`,
)

/**
 * As much of a URL as may be printed: scheme, hosts, ports and path. Of what is written otherwise
 * (a password with an unescaped `/`, for example) nobody can say what is secret: only the scheme.
 */
export function shownUrl(text: string): string {
  const [, scheme, hosts, path = ''] = url.exec(text) ?? []
  if (scheme !== undefined) return `${scheme}${hosts}${path}`
  return `${/^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//.exec(text)?.[0] ?? ''}…`
}
