/** Whose traces are looked at: the collector's own, or those of the Jaeger that it was given. */
export type Source = 'collector' | 'jaeger'

/** An address is anybody's: whatever is not Jaeger is the collector. */
export function readSource(href: string): Source {
  return new URL(href).searchParams.get('source') === 'jaeger' ? 'jaeger' : 'collector'
}

/** Where its paths begin: the collector has those of Jaeger below one of its own. */
export function queryUrlOf(origin: string, source: Source): string {
  return source === 'jaeger' ? `${origin}/jaeger` : origin
}

/** Whose traces are asked for there. */
export function sourceOf(queryUrl: string): Source {
  const { origin } = new URL(queryUrl)
  return queryUrl === queryUrlOf(origin, 'jaeger') ? 'jaeger' : 'collector'
}

/** The viewer's address that asks this of what answers at `queryUrl`. */
export function findHref(queryUrl: string, query: string): string {
  const page = new URL('/', queryUrl)
  if (sourceOf(queryUrl) === 'jaeger') page.searchParams.set('source', 'jaeger')
  page.searchParams.set('q', query)
  return page.href
}

/**
 * The same question to another source; the trace that is open is of this one, and closed. Of a Jaeger
 * there is only the list.
 */
export function sourceHref(href: string, source: Source): string {
  const url = new URL(href)
  for (const name of ['source', 'trace', 'span', 'tab']) url.searchParams.delete(name)
  if (source === 'jaeger') {
    url.searchParams.delete('view')
    url.searchParams.set('source', source)
  }
  return url.href
}
