/** A piece of text as it is shown: as it came, or the name of a character that cannot be seen. */
export interface TextPiece {
  text: string
  isCharacter: boolean
}

/**
 * Characters that are not to be seen, or change how others are: controls, marks of direction
 * (`U+202E` turns the rest round), things of no width, and halves of pairs. Tab and line feed are
 * what they seem.
 */
const unseen =
  /(?![\t\n])[\p{Cc}\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu

/**
 * Takes a text that anybody may have sent apart, so that what is not to be seen is named: a value must
 * not look like another one. (A zero-width joiner makes one emoji of several, and is named too.)
 */
export function visibleText(text: string): TextPiece[] {
  const pieces: TextPiece[] = []
  let end = 0
  for (const { 0: character, index } of text.matchAll(unseen)) {
    if (index > end) pieces.push({ text: text.slice(end, index), isCharacter: false })
    pieces.push({ text: nameOf(character), isCharacter: true })
    end = index + character.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isCharacter: false })
  return pieces
}

/**
 * The same as one string, for where there is nothing but a string: titles, labels, options.
 * What is written from right to left is isolated, so that it turns nothing round that stands beside it.
 */
export function plainText(text: string): string {
  const plain = visibleText(text)
    .map(({ text: piece, isCharacter }) => (isCharacter ? `[${piece}]` : piece))
    .join('')
  return rightToLeft.test(plain) ? `\u2068${plain}\u2069` : plain
}

const rightToLeft =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|[\u{10800}-\u{10fff}]|[\u{1e800}-\u{1efff}]/u

/** Characters of a name that are shown: the longest sensible name has fewer. */
const longestName = 300

/** A name that anybody may have given, as it stands in lists and headings: never nothing, never a book. */
export function nameText(name: string): string {
  if (name.length <= longestName) return name || '(no name)'
  // Not between the halves of a pair.
  return `${name.slice(0, longestName).replace(/[\ud800-\udbff]$/, '')}…`
}

/** The same as `plainText`. */
export function plainName(name: string): string {
  return plainText(nameText(name))
}

function nameOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
}
