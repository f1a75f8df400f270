import { expect, it } from 'vitest'
import { traceId, wireSpan } from '../viewer/span.test-support.ts'
import { createOpenFile } from './open-file-store.ts'

const good = JSON.stringify({
  resourceSpans: [wireSpan({ spanId: 'a'.repeat(16), name: 'order' })],
})
const file = (name: string, text: string) => new File([text], name)

it('opens a file, refuses another without letting go of it, and closes it', async () => {
  const files = createOpenFile()
  const opening = files.open(file('good.json', good))
  expect(files.getState().reading).toBe('good.json')
  await opening
  const { opened, reading, problem } = files.getState()
  expect({ name: opened?.name, reading, problem }).toEqual({
    name: 'good.json',
    reading: undefined,
    problem: undefined,
  })
  expect(opened!.traces.get(traceId)).toMatchObject({ tree: { spanCount: 1 } })

  await files.open(file('bad.json', '{\n  "resourceSpans": 1\n}'))
  expect(files.getState()).toMatchObject({
    opened: { name: 'good.json' },
    problem: 'bad.json was not opened. Line 2: resourceSpans must be a list',
  })
  files.close()
  expect(files.getState()).toEqual({ opened: undefined, reading: undefined, problem: undefined })
})

it('refuses a file that is too large before it is read', async () => {
  const files = createOpenFile()
  const text = () => Promise.reject(new Error('it was read'))
  await files.open({ name: 'large.json', size: 2 ** 31, text })
  expect(files.getState().problem).toMatch(/^large.json was not opened. It has over 100 MiB/)
})

it('shows the file that was chosen last, whichever is read first', async () => {
  const files = createOpenFile()
  let give = (_text: string): void => undefined
  const text = () =>
    new Promise<string>((resolve) => {
      give = resolve
    })
  const first = files.open({ name: 'slow.json', size: 1, text })
  await files.open(file('quick.json', good))
  give(good)
  await first
  expect(files.getState()).toMatchObject({ opened: { name: 'quick.json' }, reading: undefined })
})
