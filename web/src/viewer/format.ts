import { isUtc } from './time-zone.ts'

const units = [
  { name: 's', nanos: 1_000_000_000n },
  { name: 'ms', nanos: 1_000_000n },
  { name: 'µs', nanos: 1_000n },
] as const

/**
 * A duration as a person reads it: three digits that matter, and the unit that fits.
 * @param nanos may be negative
 */
export function formatDuration(nanos: bigint): string {
  if (nanos < 0n) return `−${formatDuration(-nanos)}`
  if (nanos >= 60n * units[0].nanos) return formatLong(nanos / units[0].nanos)
  for (const { name, nanos: unit } of units) {
    // What would be rounded to 1000 of the smaller unit is 1.00 of this one.
    if (nanos * 10_000n < unit * 9_995n) continue
    const amount = Number(nanos) / Number(unit)
    return `${amount.toFixed(amount >= 100 ? 0 : amount >= 10 ? 1 : 2)} ${name}`
  }
  return `${nanos} ns`
}

/** Two units are exact enough; no unit grows beyond what people count in it. */
function formatLong(seconds: bigint): string {
  const minutes = seconds / 60n
  const hours = minutes / 60n
  const days = hours / 24n
  if (hours < 1n) return `${minutes} min ${seconds % 60n} s`
  if (days < 1n) return `${hours} h ${minutes % 60n} min`
  return days < 365n ? `${days} d ${hours % 24n} h` : `${days / 365n} years`
}

const roughUnits: [name: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
]

/** In one unit and two digits, where there is little room: `8 h`, `3.2 s`. */
export function formatRough(nanos: bigint): string {
  const seconds = Number(nanos) / 1e9
  // What would be rounded to a whole larger unit is one.
  const [name, unit] = roughUnits.find(([, unit]) => seconds >= unit * 0.995) ?? ['ms', 0.001]
  const amount = seconds / unit
  return `${amount >= 10 ? Math.round(amount) : Number(amount.toPrecision(2))} ${name}`
}

/** The same for a tick of the axis: ticks stand at round times, so zeros say nothing. */
export function formatTick(nanos: bigint): string {
  return nanos === 0n
    ? '0'
    : formatDuration(nanos)
        .replace(/\.0+ /, ' ')
        .replace(/(\.\d)0 /, '$1 ')
}

/** Time since the trace's start, with its sign. */
export function formatOffset(nanos: bigint): string {
  return nanos < 0n ? formatDuration(nanos) : `+${formatDuration(nanos)}`
}

const formats = {
  timeOfDay: { timeStyle: 'medium' },
  dateAndTime: { dateStyle: 'medium', timeStyle: 'medium' },
  exactTime: {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  },
} satisfies Record<string, Intl.DateTimeFormatOptions>

const local = formatters(undefined)
const inUtc = formatters('UTC')

function formatters(timeZone: string | undefined) {
  const make = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(undefined, { ...options, timeZone })
  const { timeOfDay, dateAndTime, exactTime } = formats
  return {
    timeOfDay: make(timeOfDay),
    dateAndTime: make(dateAndTime),
    exactTime: make(exactTime),
  }
}

/** Date and time to the millisecond, local or in UTC as was chosen. */
export function formatTimestamp(nanos: bigint): string {
  if (nanos === 0n) return 'not given'
  const date = new Date(Number(nanos / 1_000_000n))
  // Any 64-bit number can come, and not each of them is a date.
  if (Number.isNaN(date.getTime())) return `${nanos} ns since 1970`
  return isUtc() ? `${inUtc.exactTime.format(date)} UTC` : local.exactTime.format(date)
}

/** The same moment to the nanosecond: ISO 8601 in UTC. Undefined for what is not a date. */
export function formatExactTime(nanos: bigint): string | undefined {
  const date = new Date(Number(nanos / 1_000_000n))
  if (nanos <= 0n || Number.isNaN(date.getTime())) return undefined
  const fraction = (nanos % 1_000_000_000n).toString().padStart(9, '0')
  return date.toISOString().replace(/\.\d+Z$/, `.${fraction}Z`)
}

/** When something arrived: the time alone for today, with the date otherwise. */
export function formatArrival(millis: number, now = new Date()): string {
  const date = new Date(millis)
  const { timeOfDay, dateAndTime } = isUtc() ? inUtc : local
  const today = dayOf(date) === dayOf(now)
  return (today ? timeOfDay : dateAndTime).format(date)
}

function dayOf(date: Date): string {
  return isUtc() ? date.toISOString().slice(0, 10) : date.toDateString()
}

/** The same moment both ways, for where there is room for one. */
export function bothTimes(millis: number): string {
  const date = new Date(millis)
  return `${local.exactTime.format(date)} local, ${inUtc.exactTime.format(date)} UTC`
}

/** `1 span`, `2 spans`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}
