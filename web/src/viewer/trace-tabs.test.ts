import { expect, it } from 'vitest'
import { focusedTab, isTraceTab, traceTabs } from './trace-tabs.ts'

const ids = traceTabs.map(({ id }) => id)
const last = ids.at(-1)!

it('moves along the tabs, and round at the ends', () => {
  for (const [index, id] of ids.entries()) {
    expect(focusedTab(id, 'ArrowRight')).toBe(ids[index + 1] ?? ids[0])
    expect(focusedTab(id, 'ArrowLeft')).toBe(ids[index - 1] ?? last)
    expect(focusedTab(id, 'Home')).toBe(ids[0])
    expect(focusedTab(id, 'End')).toBe(last)
  }
})

it('leaves other keys to the browser', () => {
  for (const key of ['Tab', 'Enter', 'a', 'constructor', 'toString']) {
    expect(focusedTab('waterfall', key)).toBeUndefined()
  }
})

it('knows a tab from what else an address may say', () => {
  expect(ids.every(isTraceTab)).toBe(true)
  for (const text of ['', 'Waterfall', 'constructor', null]) expect(isTraceTab(text)).toBe(false)
})
