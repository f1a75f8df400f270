/** What is kept: the oldest segment goes when either limit is passed. */
export interface Retention {
  /** Bytes of all segment files together, as they are on the disk. */
  bytes: number
  /** Milliseconds since the last span of a segment arrived. */
  age: number
}

const mebibyte = 1024 * 1024
const hour = 3_600_000

/** Some four million spans, sealed; a week reaches back to the same day of the last one. */
export const defaultRetention: Retention = { bytes: 512 * mebibyte, age: 7 * 24 * hour }

/**
 * Larger segments would be no faster. Until it is sealed one has its index in memory, some 15 MB of
 * it, and a start reads it as a whole.
 */
const largestSegment = 64 * mebibyte

/** The sealed form of a smaller one is hardly smaller, and its index takes little memory. */
const smallestSealed = mebibyte / 4

/** When a segment is full, and whether it is sealed then. */
export interface SegmentLimits extends Retention {
  /** Bytes of the smallest segment that is worth it. */
  sealFrom: number
}

/**
 * A segment goes as a whole, so it may hold an eighth of what is kept: then at least seven eighths
 * of the limit are there at any time, and a slow trickle of spans ages out as well.
 */
export function segmentLimits({ bytes, age }: Retention): SegmentLimits {
  const eighth = Math.floor(bytes / 8)
  return { bytes: Math.min(largestSegment, eighth), age: age / 8, sealFrom: smallestSealed }
}

const bytesVariable = 'PINGTRACE_RETENTION_BYTES'
const ageVariable = 'PINGTRACE_RETENTION_AGE'

const byteUnits = { '': 1, KiB: 1024, MiB: mebibyte, GiB: 1024 * mebibyte }
const ageUnits = { s: 1_000, m: 60_000, h: hour, d: 24 * hour }

/** A request of the largest size must fit, several times over. */
const fewestBytes = 64 * mebibyte
const shortestAge = 60_000

/**
 * Reads the limits from the environment.
 * @throws Error that names the variable, and what it may be
 */
export function readRetention(env: Record<string, string | undefined>): Retention {
  const bytes = readAmount(env[bytesVariable], byteUnits) ?? defaultRetention.bytes
  if (!(bytes >= fewestBytes && bytes <= Number.MAX_SAFE_INTEGER)) {
    const rule = 'must be bytes, or a number of MiB or GiB, and at least 64MiB'
    throw new Error(`${bytesVariable} ${rule}, not "${env[bytesVariable]}"`)
  }
  const age = readAmount(env[ageVariable], ageUnits) ?? defaultRetention.age
  if (!(age >= shortestAge && age <= Number.MAX_SAFE_INTEGER)) {
    const rule = 'must be a number with a unit, such as 30m, 36h or 7d, and at least 1m'
    throw new Error(`${ageVariable} ${rule}, not "${env[ageVariable]}"`)
  }
  return { bytes, age }
}

/** `512MiB`, `7d`: undefined when nothing is given, NaN when it is no such amount. */
function readAmount(text: string | undefined, units: Record<string, number>): number | undefined {
  if (text === undefined || text === '') return undefined
  const [, digits, unit] = /^(\d+) ?([A-Za-z]*)$/.exec(text) ?? []
  const factor = unit !== undefined && Object.hasOwn(units, unit) ? units[unit]! : Number.NaN
  return Number(digits) * factor
}
