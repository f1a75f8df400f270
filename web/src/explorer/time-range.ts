/** The last while, which moves on; or a time that stays, milliseconds since the Unix epoch. */
export type TimeRange =
  | { last: LastName; from?: undefined; to?: undefined }
  | { last?: undefined; from: number | undefined; to: number | undefined }

export const lastRanges = [
  { name: '15m', label: 'last 15 minutes', millis: 900_000 },
  { name: '1h', label: 'last hour', millis: 3_600_000 },
  { name: '24h', label: 'last 24 hours', millis: 86_400_000 },
  { name: '7d', label: 'last 7 days', millis: 604_800_000 },
] as const
export type LastName = (typeof lastRanges)[number]['name']

/** As it stands in the address: `last=1h`, or `from=` and `to=` in ISO 8601. Undefined: all time. */
export function parseRange(parameters: URLSearchParams): TimeRange | undefined {
  const last = lastRanges.find(({ name }) => name === parameters.get('last'))
  if (last !== undefined) return { last: last.name }
  const [from, to] = [parseInstant(parameters.get('from')), parseInstant(parameters.get('to'))]
  return from === undefined && to === undefined ? undefined : { from, to }
}

/** Writes a range over whatever the parameters say of one. */
export function writeRange(parameters: URLSearchParams, range: TimeRange | undefined): void {
  for (const name of ['last', 'from', 'to']) parameters.delete(name)
  if (range?.last !== undefined) parameters.set('last', range.last)
  if (range?.from !== undefined) parameters.set('from', new Date(range.from).toISOString())
  if (range?.to !== undefined) parameters.set('to', new Date(range.to).toISOString())
}

/** What the collector is asked for, RFC 3339. */
export function boundsOf(
  range: TimeRange | undefined,
  now: number,
): { start?: string; end?: string } {
  const last = lastRanges.find(({ name }) => name === range?.last)
  if (last !== undefined) return { start: new Date(now - last.millis).toISOString() }
  return {
    ...(range?.from === undefined ? {} : { start: new Date(range.from).toISOString() }),
    ...(range?.to === undefined ? {} : { end: new Date(range.to).toISOString() }),
  }
}

export function isSameRange(a: TimeRange | undefined, b: TimeRange | undefined): boolean {
  return a?.last === b?.last && a?.from === b?.from && a?.to === b?.to
}

/** An address is anybody's: what is no time is none. */
function parseInstant(text: string | null): number | undefined {
  const millis = Date.parse(text ?? '')
  return Number.isNaN(millis) ? undefined : millis
}
