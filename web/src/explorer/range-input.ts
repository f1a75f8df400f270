/**
 * A moment as an input of the type datetime-local has it, to the second.
 * @param millis since the Unix epoch
 */
export function toInput(millis: number | undefined, utc: boolean): string {
  if (millis === undefined) return ''
  const offset = utc ? 0 : new Date(millis).getTimezoneOffset() * 60_000
  return new Date(millis - offset).toISOString().slice(0, 19)
}

/** The other way round; undefined for an input that is empty or not whole. */
export function fromInput(text: string, utc: boolean): number | undefined {
  // Without an offset it is local time (ECMA-262, "Date Time String Format").
  const millis = Date.parse(utc ? `${text}Z` : text)
  return Number.isNaN(millis) ? undefined : millis
}
