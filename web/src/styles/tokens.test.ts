import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { paletteSize } from '../viewer/service-colours.ts'

const [light = '', dark = ''] = readFileSync(`${import.meta.dirname}/tokens.css`, 'utf8').split(
  '@media screen and (prefers-color-scheme: dark)',
)
const texts = ['text', 'muted', 'accent', 'danger', 'ok', 'warn']
const services = Array.from({ length: paletteSize }, (_, index) => `service-${index}`)
const surfaces = ['bg', 'surface', 'surface-2', 'selected']

describe.each([
  ['light', light],
  ['dark', dark],
])('the colours of the %s scheme', (_scheme, css) => {
  const colour = (name: string): Rgb => {
    const hex = new RegExp(`--${name}: #([0-9a-f]{6});`).exec(css)?.[1]
    if (hex === undefined) throw new Error(`there is no colour --${name}`)
    return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb
  }

  it.each([...texts, ...services])('%s can be read on every surface', (name) => {
    for (const surface of surfaces) {
      expect(contrast(colour(name), colour(surface)), surface).toBeGreaterThanOrEqual(4.5)
    }
  })

  it.each([
    ['accent-text', 'accent'],
    ['danger', 'danger-surface'],
    ['warn', 'warn-surface'],
  ])('%s can be read on %s', (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(4.5)
  })

  it.each(services)('%s is no red: that is for errors', (name) => {
    const apart = Math.abs(hue(colour(name)) - hue(colour('danger')))
    expect(Math.min(apart, 360 - apart)).toBeGreaterThan(30)
  })
})

type Rgb = [red: number, green: number, blue: number]

/** WCAG 2.2, "contrast ratio". */
function contrast(a: Rgb, b: Rgb): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (lighter + 0.05) / (darker + 0.05)
}

function luminance(rgb: Rgb): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** In degrees, as in HSL. */
function hue([red, green, blue]: Rgb): number {
  const most = Math.max(red, green, blue)
  const range = most - Math.min(red, green, blue)
  if (most === red) return (60 * ((green - blue) / range) + 360) % 360
  return most === green ? 60 * (2 + (blue - red) / range) : 60 * (4 + (red - green) / range)
}
