import { expect, it } from 'vitest'
import { findHref, queryUrlOf, readSource, sourceHref, sourceOf } from './source.ts'

it('is the collector, unless the address says Jaeger', () => {
  expect(readSource('http://localhost/')).toBe('collector')
  expect(readSource('http://localhost/?source=https://elsewhere.example')).toBe('collector')
  expect(readSource('http://localhost/?q=%7B%7D&source=jaeger')).toBe('jaeger')
})

it('is asked on the origin of the page, whichever it is', () => {
  expect(queryUrlOf('http://localhost', 'collector')).toBe('http://localhost')
  expect(queryUrlOf('http://localhost', 'jaeger')).toBe('http://localhost/jaeger')
  expect(sourceOf('http://localhost')).toBe('collector')
  expect(sourceOf('http://localhost/jaeger')).toBe('jaeger')
})

it('is another one for the same question, without the trace that is open', () => {
  const asked = 'http://localhost/?q=%7B%7D&view=map&trace=1&span=2&tab=flame'
  expect(sourceHref(asked, 'jaeger')).toBe('http://localhost/?q=%7B%7D&source=jaeger')
  expect(sourceHref(sourceHref(asked, 'jaeger'), 'collector')).toBe('http://localhost/?q=%7B%7D')
})

it('stays the same in a link to what else has a value', () => {
  expect(findHref('http://localhost', '{}')).toBe('http://localhost/?q=%7B%7D')
  expect(findHref('http://localhost/jaeger', '{}')).toBe('http://localhost/?source=jaeger&q=%7B%7D')
})
