/** The palette has this many colours: `--service-0` and up in the style sheet. */
export const paletteSize = 8

/**
 * The colour of a service: always the same one for a name, on every page and in every tab, whatever
 * else is shown. The price is that two of many services may share a colour; their names tell them
 * apart then.
 */
export function serviceColour(service: string): string {
  return `var(--service-${hash(service) % paletteSize})`
}

/** FNV-1a, 32 bits: short names that differ in one letter should not share a colour. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value >>> 0
}
