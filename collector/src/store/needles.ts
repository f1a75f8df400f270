/**
 * Texts that must be in the bytes of a span, so that a look at the bytes can spare decoding it.
 * Protobuf keeps keys and texts as they are; a value of bytes is shown as base64, so that a text
 * which is base64 may be in there decoded.
 */
export class Needles {
  /** For each text its forms, of which one must be there. */
  readonly #forms: readonly (readonly Buffer[])[]

  constructor(texts: readonly string[]) {
    this.#forms = texts.map(formsOf)
  }

  /** Where in the bytes they are; undefined when one of the texts is not there at all. */
  findIn(bytes: Buffer): NeedlePlaces | undefined {
    // Keys are everywhere, so the one text that is nowhere should be missed before they are listed.
    const areThere = this.#forms.every((forms) => forms.some((form) => bytes.includes(form)))
    if (!areThere) return undefined
    return new NeedlePlaces(
      this.#forms.map((forms) =>
        forms.map((form) => ({ starts: allIn(bytes, form), length: form.length })),
      ),
    )
  }
}

/** Of one text: for each of its forms, where it starts, in ascending order. */
type Places = { starts: readonly number[]; length: number }[]

/** Tells quickly of many parts of the same bytes whether they contain all texts. */
export class NeedlePlaces {
  readonly #texts: readonly Places[]

  constructor(texts: readonly Places[]) {
    this.#texts = texts
  }

  /** @param ranges of which any may contain a text: start, end, start, end and so on */
  areIn(ranges: readonly number[]): boolean {
    return this.#texts.every((forms) =>
      forms.some(({ starts, length }) => {
        for (let i = 0; i < ranges.length; i += 2) {
          if (firstFrom(starts, ranges[i]!) + length <= ranges[i + 1]!) return true
        }
        return false
      }),
    )
  }
}

function formsOf(text: string): Buffer[] {
  const decoded = Buffer.from(text, 'base64')
  const isBase64 = decoded.length > 0 && decoded.toString('base64') === text
  return isBase64 ? [Buffer.from(text), decoded] : [Buffer.from(text)]
}

function allIn(bytes: Buffer, needle: Buffer): number[] {
  const starts: number[] = []
  for (let at = bytes.indexOf(needle); at !== -1; at = bytes.indexOf(needle, at + 1)) {
    starts.push(at)
  }
  return starts
}

/** Binary search for the first number that is not below `least`. */
function firstFrom(numbers: readonly number[], least: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (numbers[middle]! < least) low = middle + 1
    else high = middle
  }
  return numbers[low] ?? Number.POSITIVE_INFINITY
}
