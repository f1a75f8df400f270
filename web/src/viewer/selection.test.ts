import { beforeEach, describe, expect, it } from 'vitest'
import { FakeBrowser } from './fake-browser.test-support.ts'
import { createSelection, selectionHref } from './selection.ts'

const first = '1'.repeat(32)
const second = '2'.repeat(32)
const span = 'a'.repeat(16)

describe('createSelection', () => {
  let browser: FakeBrowser

  beforeEach(() => {
    browser = new FakeBrowser('http://localhost:5173/?keep=1#there')
  })

  it('selects nothing, and follows the pings, to begin with', () => {
    expect(createSelection(browser).getState()).toEqual({
      traceId: undefined,
      spanId: undefined,
      tab: 'waterfall',
      clocks: 'raw',
      otherId: undefined,
      following: true,
    })
  })

  it('keeps the tab for the next trace, and what a trace is compared with for that trace alone', () => {
    const selection = createSelection(browser)
    selection.pick(first)
    selection.openTab('statistics')
    selection.compareWith(second)
    const [, picked] = browser.entries
    expect(picked).toBe(
      `http://localhost:5173/?keep=1&trace=${first}&tab=statistics&with=${second}#there`,
    )
    expect(createSelection(new FakeBrowser(picked!)).getState()).toMatchObject({
      traceId: first,
      tab: 'statistics',
      otherId: second,
    })
    selection.pick(second)
    expect(selection.getState()).toMatchObject({ tab: 'statistics', otherId: undefined })
    selection.openTab('waterfall')
    expect(browser.entries.at(-1)).toBe(`http://localhost:5173/?keep=1&trace=${second}#there`)
  })

  it('keeps which times are shown, as sent unless somebody asks', () => {
    const selection = createSelection(browser)
    selection.pick(first)
    selection.showClocks('adjusted')
    selection.pick(second)
    const adjusted = `http://localhost:5173/?keep=1&trace=${second}&clocks=adjusted#there`
    expect(browser.entries.at(-1)).toBe(adjusted)
    expect(createSelection(new FakeBrowser(adjusted)).getState().clocks).toBe('adjusted')
    selection.showClocks('raw')
    expect(browser.entries.at(-1)).toBe(`http://localhost:5173/?keep=1&trace=${second}#there`)
  })

  it('shows each ping while following, without a step in the history', () => {
    const selection = createSelection(browser)
    selection.pinged(first, false)
    selection.pinged(second, false)
    expect(selection.getState().traceId).toBe(second)
    expect(browser.entries).toEqual([`http://localhost:5173/?keep=1&trace=${second}#there`])
  })

  it('keeps a picked trace from auto-ping, until the pings are followed again', () => {
    const selection = createSelection(browser)
    selection.pick(first)
    selection.pinged(second, false)
    expect(selection.getState()).toMatchObject({ traceId: first, following: false })
    selection.followPings()
    expect(selection.getState()).toMatchObject({ traceId: second, following: true })
  })

  it('shows a ping made by hand, whatever was picked', () => {
    const selection = createSelection(browser)
    selection.pick(first)
    selection.pinged(second, true)
    expect(selection.getState()).toMatchObject({ traceId: second, following: true })
  })

  it('goes back to the trace before a pick', () => {
    const selection = createSelection(browser)
    const stop = selection.followHistory()
    selection.pinged(first, true)
    selection.openSpan(span)
    selection.pick(second)
    browser.back()
    expect(selection.getState()).toMatchObject({ traceId: first, spanId: span, following: false })
    stop()
    selection.pick(second)
    browser.back()
    expect(selection.getState().traceId).toBe(second)
  })

  it('reads what the address says, and follows the pings from there', () => {
    browser = new FakeBrowser(`http://localhost:5173/?trace=${first.toUpperCase()}&span=${span}~2`)
    const selection = createSelection(browser)
    expect(selection.getState()).toMatchObject({
      traceId: first,
      spanId: `${span}~2`,
      following: true,
    })
    selection.pinged(second, false)
    expect(selection.getState()).toMatchObject({ traceId: second, spanId: undefined })
  })

  it.each(['?trace=abc', `?span=${span}`, `?trace=${'z'.repeat(32)}`, '?trace=&span='])(
    'reads nothing from %s',
    (search) => {
      browser = new FakeBrowser(`http://localhost:5173/${search}`)
      expect(createSelection(browser).getState()).toMatchObject({
        traceId: undefined,
        spanId: undefined,
      })
    },
  )

  it('leaves a span id that is none out of a good address', () => {
    browser = new FakeBrowser(`http://localhost:5173/?trace=${first}&span=<script>`)
    expect(createSelection(browser).getState()).toMatchObject({ traceId: first, spanId: undefined })
  })
})

describe('selectionHref', () => {
  it('replaces the selection and nothing else', () => {
    const href = `http://localhost:5173/?trace=${first}&span=${span}&keep=1`
    expect(selectionHref(href, { traceId: second, spanId: undefined })).toBe(
      `http://localhost:5173/?keep=1&trace=${second}`,
    )
  })
})
