/** An integer or a decimal fraction, perhaps with an exponent; never with a sign. */
export const numberStart = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/uy

/** What makes a duration of the number before it. */
export const durationRun = /[nsumhµμdwy][\d.nsumhµμdwy]*/uy

const nanosecondsIn: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  // The micro sign and the Greek letter.
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
  w: 604_800_000_000_000n,
  y: 31_536_000_000_000_000n,
}

/** Prometheus': whole numbers, the units in this order. */
const ordered = /^(?:\d+y)?(?:\d+w)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?:\d+ms)?$/
/** Go's: fractions too, in any order, but no days. */
const fractional = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/

/** Nanoseconds of a duration as Tempo takes them, either of two ways; undefined for all else. */
export function parseDuration(text: string): bigint | undefined {
  if (!ordered.test(text) && !fractional.test(text)) return undefined
  let total = 0n
  for (const [, whole, fraction = '', unit] of text.matchAll(/(\d*)\.?(\d*)([a-zµμ]+)/g)) {
    const factor = nanosecondsIn[unit!]!
    const digits = fraction.slice(0, 18)
    total += BigInt(whole!) * factor + (BigInt(digits) * factor) / 10n ** BigInt(digits.length)
  }
  return total
}

/** In the largest unit that needs no fraction. */
export function printDuration(nanoseconds: bigint): string {
  for (const unit of ['h', 'm', 's', 'ms', 'us']) {
    const factor = nanosecondsIn[unit]!
    if (nanoseconds % factor === 0n) return `${nanoseconds / factor}${unit}`
  }
  return `${nanoseconds}ns`
}

/** A float keeps a mark of being one. */
export function printFloat(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

const minInt = -(2n ** 63n)

/** Integers and durations are Go's int64. */
export function isInt64(value: bigint): boolean {
  return minInt <= value && value < -minInt
}

export const intConstants: Record<string, bigint> = { minInt, maxInt: -minInt - 1n }
