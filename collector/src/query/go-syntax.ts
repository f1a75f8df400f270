/** Values as Go writes them, which Jaeger's gateway takes; each reader answers undefined for others. */

const nanosecondsIn: Record<string, bigint> = {
  ns: 1n,
  us: 1_000n,
  // The micro sign and the Greek letter: both are taken.
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** `1.5s`, `1h2m3.4s`, `-2us`: nanoseconds, of which Go has an int64 (time.ParseDuration). */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0
  const [, sign, terms] = /^([+-]?)((?:[\d.]+[a-z\u00b5\u03bc]+)+)$/.exec(text) ?? []
  if (terms === undefined) return undefined
  let total = 0n
  for (const [, number, unit] of terms.matchAll(/([\d.]+)([a-z\u00b5\u03bc]+)/g)) {
    const factor = Object.hasOwn(nanosecondsIn, unit!) ? nanosecondsIn[unit!]! : undefined
    const [, whole, fraction] = /^(\d*)\.?(\d*)$/.exec(number!) ?? []
    if (factor === undefined || whole === undefined || whole + fraction === '') return undefined
    const digits = fraction!.slice(0, 18)
    total += BigInt(whole) * factor + (BigInt(digits) * factor) / 10n ** BigInt(digits.length)
  }
  if (total >= 2n ** 63n) return undefined
  return Number(sign === '-' ? -total : total)
}

const time = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/

/** RFC 3339, with any number of digits of a second: nanoseconds since the Unix epoch. */
export function parseTime(text: string): bigint | undefined {
  const [, local, fraction, sign, hours, minutes] = time.exec(text) ?? []
  const milliseconds = Date.parse(`${local}Z`)
  // A day that its month does not have would be one of the next month.
  const isReal =
    !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(local!)
  if (!isReal) return undefined
  const offset =
    (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -60_000 : 60_000)
  const nanoseconds = (fraction ?? '').slice(0, 9).padEnd(9, '0')
  return BigInt(milliseconds - offset) * 1_000_000n + BigInt(nanoseconds)
}

/** strconv.ParseBool. */
export function parseBool(text: string): boolean | undefined {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true
  return /^(0|f|F|FALSE|false|False)$/.test(text) ? false : undefined
}

/**
 * A trace id: up to 32 hex digits, shorter ones without their leading zeros, or base64 of 16 or 8
 * bytes (either alphabet, padded or not).
 * @returns 32 lower-case hex digits
 */
export function parseTraceId(text: string): string | undefined {
  if (/^[0-9a-f]{1,32}$/i.test(text)) return text.toLowerCase().padStart(32, '0')
  const base64 = /^([\w+/-]{11}=?|[\w+/-]{22}(==)?)$/.test(text)
  return base64 ? Buffer.from(text, 'base64').toString('hex').padStart(32, '0') : undefined
}
