import { describe, expect, it } from 'vitest'
import { dotKey, rowKey } from './row-keys.ts'
import { suggestionKey } from './suggestion-keys.ts'

const press = (key: string, modifier: object = {}) => ({
  key,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  shiftKey: false,
  ...modifier,
})

describe('suggestionKey', () => {
  const hidden = { isShown: false, active: -1, count: 0 }
  const shown = { isShown: true, active: -1, count: 3 }

  it('opens the list, and goes round in it by way of the box', () => {
    expect(suggestionKey(press(' ', { ctrlKey: true }), hidden)).toEqual({ do: 'open' })
    expect(suggestionKey(press('ArrowDown'), hidden)).toEqual({ do: 'open' })
    const down = (active: number) => suggestionKey(press('ArrowDown'), { ...shown, active })
    const up = (active: number) => suggestionKey(press('ArrowUp'), { ...shown, active })
    expect([down(-1), down(0), down(2)]).toEqual([0, 1, -1].map((to) => ({ do: 'move', to })))
    expect([up(-1), up(2), up(0)]).toEqual([2, 1, -1].map((to) => ({ do: 'move', to })))
  })

  it('takes what was chosen, and nothing that was not', () => {
    expect(suggestionKey(press('Enter'), { ...shown, active: 1 })).toEqual({ do: 'take' })
    expect(suggestionKey(press('Tab'), { ...shown, active: 1 })).toEqual({ do: 'take' })
    expect(suggestionKey(press('Enter'), shown)).toEqual({ do: 'ask' })
    expect(suggestionKey(press('Tab'), shown)).toBeUndefined()
    expect(suggestionKey(press('Tab', { shiftKey: true }), { ...shown, active: 1 })).toBeUndefined()
  })

  it('leaves the box its own keys', () => {
    expect(suggestionKey(press('Escape'), shown)).toEqual({ do: 'close' })
    expect(suggestionKey(press('Escape'), hidden)).toBeUndefined()
    expect(suggestionKey(press('ArrowUp'), hidden)).toBeUndefined()
    expect(suggestionKey(press('ArrowDown', { altKey: true }), shown)).toBeUndefined()
    expect(suggestionKey(press('a'), shown)).toBeUndefined()
  })
})

describe('rowKey', () => {
  const ids = ['a', 'b', 'c']

  it('goes from row to row, and no further than the last', () => {
    expect(rowKey(press('ArrowDown'), ids, 'a')).toBe('b')
    expect(rowKey(press('ArrowDown'), ids, 'c')).toBe('c')
    expect(rowKey(press('ArrowUp'), ids, 'a')).toBe('a')
    expect(rowKey(press('End'), ids, 'a')).toBe('c')
    expect(rowKey(press('Home'), ids, 'c')).toBe('a')
  })

  it('goes among dots by left and right as well', () => {
    expect(dotKey(press('ArrowRight'), ids, 'a')).toBe('b')
    expect(dotKey(press('ArrowLeft'), ids, 'c')).toBe('b')
    expect(dotKey(press('ArrowRight', { altKey: true }), ids, 'a')).toBeUndefined()
  })

  it('leaves everything else to the browser', () => {
    expect(rowKey(press('Enter'), ids, 'a')).toBeUndefined()
    expect(rowKey(press('ArrowDown', { ctrlKey: true }), ids, 'a')).toBeUndefined()
    expect(rowKey(press('ArrowDown'), ids, undefined)).toBeUndefined()
  })
})
