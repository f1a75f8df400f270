import type { TraceState } from '@opentelemetry/api'

/** `key=value`: W3C Trace Context level 2, section “tracestate Header Field Values”. */
const MEMBER = /^[a-z\d][a-z\d_\-*/@]{0,255}=[ -+\--<>-~]{0,255}[!-+\--<>-~]$/
const MAX_MEMBERS = 32
/** Of the whole list: what section “tracestate Limits” asks for at least, and all we pass on. */
const MAX_LENGTH = 512
/** Members longer than this are the first that section “tracestate Limits” lets go. */
const LONG_MEMBER = 128

/**
 * Reads a `tracestate` header; several of them come joined with commas, in their order.
 *
 * `@opentelemetry/core` leaves illegal members out, and those from the 33rd on; a header with such
 * members is not a list of members at all, so here it is dropped as a whole, which is what the W3C's
 * test harness expects. Of members with the same key the first stays: the newest is on the left.
 *
 * @returns undefined for a header that is empty or illegal
 */
export function parseTracestate(header: string): TraceState | undefined {
  // Empty members are legal. What trim() takes beyond spaces and tabs is legal nowhere.
  const members = header.split(',').flatMap((member) => member.trim() || [])
  if (members.length === 0 || members.length > MAX_MEMBERS) return undefined
  if (!members.every((member) => MEMBER.test(member))) return undefined
  const keys = members.map(keyOf)
  return new MemberList(members.filter((_, index) => keys.indexOf(keys[index] ?? '') === index))
}

const keyOf = (member: string) => member.slice(0, member.indexOf('='))

/** Never changes: `set` and `unset` return another list. */
class MemberList implements TraceState {
  readonly #members: readonly string[]

  /** @param members legal ones, newest first; those that are too many or too long are left out */
  constructor(members: readonly string[]) {
    this.#members = withinLimits(members)
  }

  get(key: string): string | undefined {
    return this.#members.find((member) => keyOf(member) === key)?.slice(key.length + 1)
  }

  /** The changed member comes first; an illegal one changes nothing. */
  set(key: string, value: string): TraceState {
    const member = `${key}=${value}`
    return MEMBER.test(member) ? new MemberList([member, ...this.#without(key)]) : this
  }

  unset(key: string): TraceState {
    return new MemberList(this.#without(key))
  }

  serialize(): string {
    return this.#members.join(',')
  }

  #without(key: string): string[] {
    return this.#members.filter((member) => keyOf(member) !== key)
  }
}

/** Whole members go, in the order of “tracestate Limits”: the long ones, then the right-most. */
function withinLimits(members: readonly string[]): readonly string[] {
  const kept = members.slice(0, MAX_MEMBERS)
  while (kept.join().length > MAX_LENGTH) {
    // Where no member is long the index is -1, which for splice() is the last one.
    kept.splice(
      kept.findLastIndex((member) => member.length > LONG_MEMBER),
      1,
    )
  }
  return kept
}
