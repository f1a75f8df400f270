import { deprecatedNames, knownNames } from '../../semantic-conventions.ts'

/** Names of the conventions by what is left of them without case and separators. */
const byLetters = new Map([...knownNames].map((name) => [letters(name), name]))

/** Names of the conventions before those that the package knows as deprecated: no slips. */
const earlierNames = new Set(['faas.execution', 'faas.invocation_id', 'faas.id'])

/** Names in which one letter more, less or another makes another word, not a slip. */
const shortest = 10

/**
 * The name of the semantic conventions that `key` was probably meant to be; undefined where it is
 * one of them, or like none. Applications have names of their own in any namespace, so only what is
 * the same but for case and separators counts, or differs in one letter (two swapped are one).
 */
export function nearestName(key: string): string | undefined {
  if (knownNames.has(key) || deprecatedNames.has(key) || earlierNames.has(key) || !/[._]/.test(key))
    return undefined
  // What everybody calls their own, though the conventions have a few names in it by now.
  if (key.startsWith('app.')) return undefined
  const dot = key.lastIndexOf('.') + 1
  const family = key.slice(0, dot)
  if (knownNames.has(family) || deprecatedNames.has(family)) return undefined
  const same = byLetters.get(letters(key))
  // Both spellings of a name that is itself ambiguous (`app_id`) would be guessing.
  if (same !== undefined) return key.includes('.') || key.length >= shortest ? same : undefined
  if (key.length < shortest) return undefined
  for (const name of knownNames) {
    if (name.includes('.') && sharesNamespace(name, key) && isOneSlipAway(name, key)) return name
  }
  return undefined
}

function letters(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}

/** `http.request.method` and `http.reqeust.method`: the slip may be anywhere but in the first word. */
function sharesNamespace(name: string, key: string): boolean {
  return name.slice(0, name.indexOf('.') + 1) === key.slice(0, key.indexOf('.') + 1)
}

/** One letter added, left out, replaced, or two neighbours swapped; a number is no slip. */
function isOneSlipAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const left = a.slice(start, a.length - end)
  const right = b.slice(start, b.length - end)
  if (/\d/.test(left + right)) return false
  // A plural is another attribute, not a slip.
  if (end === 0 && `${left}${right}` === 's') return false
  if (left.length <= 1 && right.length <= 1) return true
  return left.length === 2 && right === `${left[1]}${left[0]}`
}
