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

/** The viewer's address that asks this of what answers at `queryUrl`. */
export function findHref(queryUrl: string, query: string): string {
  const page = new URL('/', queryUrl)
  if (queryUrl === queryUrlOf(page.origin, 'jaeger')) page.searchParams.set('source', 'jaeger')
  page.searchParams.set('q', query)
  return page.href
}

/** The same question to another source; the trace that is open is of this one, and closed. */
export function sourceHref(href: string, source: Source): string {
  const url = new URL(href)
  for (const name of ['source', 'trace', 'span', 'tab']) url.searchParams.delete(name)
  if (source === 'jaeger') url.searchParams.set('source', source)
  return url.href
}
