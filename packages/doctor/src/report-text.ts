import type { AttributeValue } from '@pingtrace/otlp'

/** Short enough for a line of a report, and harmless in a terminal. */
export function shown(value: AttributeValue | undefined, length = 80): string {
  const plain =
    typeof value === 'string'
      ? value
      : JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `${item}` : item))
  const printable = (plain ?? '').replace(/[^ -~\u00a0-\uffff]/g, '?')
  return printable.length > length ? `${printable.slice(0, length - 1)}…` : printable
}

/** Nanoseconds, for people: `1.5 ms`, `-3.2 s`, `8 h`. */
export function duration(nanos: bigint): string {
  const millis = Number(nanos) / 1e6
  const size = Math.abs(millis)
  if (size < 1_000) return `${round(millis)} ms`
  if (size < 60_000) return `${round(millis / 1_000)} s`
  if (size < 3_600_000) return `${round(millis / 60_000)} min`
  return `${round(millis / 3_600_000)} h`
}

/** Nanoseconds since the Unix epoch, for people: `2026-11-24 12:00:00.0125 UTC`; 0 was not given. */
export function moment(nanos: bigint): string {
  const millis = Number(nanos / 1_000_000n)
  const date = new Date(millis)
  if (nanos === 0n || Number.isNaN(date.getTime())) return `not a time (${nanos})`
  const fraction = `${nanos % 1_000_000_000n}`.padStart(9, '0').replace(/0{1,6}$/, '')
  return `${date.toISOString().slice(0, 19).replace('T', ' ')}.${fraction} UTC`
}

/** A time with how far it is from another one: `… UTC, 40 ms earlier`. */
export function momentFrom(reference: bigint, nanos: bigint): string {
  const apart = nanos - reference
  if (apart === 0n) return `${moment(nanos)}, at the same time`
  return `${moment(nanos)}, ${duration(apart < 0n ? -apart : apart)} ${apart < 0n ? 'earlier' : 'later'}`
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)))
}
