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

function round(value: number): string {
  return String(Number(value.toPrecision(3)))
}
