import { expect, it } from 'vitest'
import { createServiceColours } from './service-colours.ts'

it('gives eight services eight colours, each the same one every time', () => {
  const colourOf = createServiceColours()
  const names = Array.from({ length: 8 }, (_, index) => `service-${index}`)
  const colours = names.map(colourOf)
  expect(new Set(colours).size).toBe(8)
  expect(names.map(colourOf)).toEqual(colours)
  expect(colours.every((colour) => /^var\(--service-[0-7]\)$/.test(colour))).toBe(true)
})

it('gives the ninth one that is taken', () => {
  const colourOf = createServiceColours()
  const colours = Array.from({ length: 9 }, (_, index) => colourOf(`service-${index}`))
  expect(colours.slice(0, 8)).toContain(colours[8])
})
