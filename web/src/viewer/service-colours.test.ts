import { expect, it } from 'vitest'
import { paletteSize, serviceColour } from './service-colours.ts'

it('gives a name one colour, in whatever order names come', () => {
  const names = Array.from({ length: 40 }, (_, index) => `service-${index}`)
  const colours = names.map(serviceColour)
  expect(names.toReversed().map(serviceColour).toReversed()).toEqual(colours)
  expect(new Set(colours).size).toBe(paletteSize)
  expect(colours.every((colour) => /^var\(--service-[0-7]\)$/.test(colour))).toBe(true)
})

it('tells our own two apart, and keeps them as they are in the pictures', () => {
  expect(serviceColour('pingtrace-web')).toBe('var(--service-1)')
  expect(serviceColour('pingtrace-api')).toBe('var(--service-7)')
})
