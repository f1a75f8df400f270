/** The palette has this many colours: `--service-0` and up in the style sheet. */
const paletteSize = 8

/**
 * Gives each service a colour of the palette, the same one for as long as the page lives, and
 * different ones for different services while there are enough. A name's own hash is tried first,
 * so that a service mostly keeps its colour from one visit to the next.
 */
export function createServiceColours(): (service: string) => string {
  const slots = new Map<string, number>()
  return (service) => {
    let slot = slots.get(service)
    if (slot === undefined) {
      slot = freeSlot(hash(service) % paletteSize, new Set(slots.values()))
      slots.set(service, slot)
    }
    return `var(--service-${slot})`
  }
}

function freeSlot(wish: number, taken: Set<number>): number {
  for (let step = 0; step < paletteSize; step++) {
    const slot = (wish + step) % paletteSize
    if (!taken.has(slot)) return slot
  }
  return wish
}

/** FNV-1a, 32 bits: short names that differ in one letter should not share a colour. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value >>> 0
}

export const serviceColour = createServiceColours()
