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

function nameOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
}
