import { expect, it } from 'vitest'
import { globalKey } from './global-keys.ts'

const press = (key: string, modifiers = {}) => ({
  key,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  ...modifiers,
})

it('has a key for help, the query, pausing and each view', () => {
  expect(['?', '/', 'h', '1', '2', '3', '4'].map((key) => globalKey(press(key), false))).toEqual([
    { do: 'help' },
    { do: 'query' },
    { do: 'pause' },
    { do: 'view', view: 'list' },
    { do: 'view', view: 'operations' },
    { do: 'view', view: 'map' },
    { do: 'view', view: 'requests' },
  ])
})

it('leaves text, the keys of the browser, and all others alone', () => {
  expect(globalKey(press('?'), true)).toBeUndefined()
  expect(globalKey(press('h', { ctrlKey: true }), false)).toBeUndefined()
  expect(globalKey(press('x'), false)).toBeUndefined()
})
