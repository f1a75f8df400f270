import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { restartOnChange } from './restart-on-change.ts'

/** A folder with one source file, and what is done to a process whose sources it has. */
function watched() {
  const folder = mkdtempSync(join(tmpdir(), 'pingtrace-watched-'))
  mkdirSync(join(folder, 'src'))
  const save = (file: string, text = '') => writeFileSync(join(folder, 'src', file), text)
  save('server.ts')
  const done: string[] = []
  const told: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line) => told.push(line))
  const error = vi.spyOn(console, 'error').mockImplementation((line) => told.push(line))
  const process = {
    stop: async () => void done.push('stop'),
    start: async () => void done.push('start'),
  }
  const end = restartOnChange(process, 'API', [folder])
  onTestFinished(() => {
    end()
    log.mockRestore()
    error.mockRestore()
    rmSync(folder, { recursive: true })
  })
  return { save, done, told, process }
}

const patience = { timeout: 30_000 }

test('sources that are saved together restart the process once, and again the next time', async () => {
  const { save, done, told } = watched()
  for (let i = 0; i < 5; i++) {
    save('server.ts', `${i}`)
    save('route.ts', `${i}`)
  }
  await vi.waitUntil(() => told.length === 1, patience)
  expect(done).toEqual(['stop', 'start'])
  // What is no source is seen before the change behind it, and does nothing.
  save('server.test.ts')
  save('notes.md')
  save('server.ts', 'again')
  await vi.waitUntil(() => told.length === 2, patience)
  expect(done).toEqual(['stop', 'start', 'stop', 'start'])
  expect(told).toEqual(['pingtrace: restarted the API', 'pingtrace: restarted the API'])
})

test('a source that does not start is told, and the next save mends it', async () => {
  const { save, told, process } = watched()
  const { start } = process
  process.start = () => Promise.reject(new Error('half a file'))
  save('server.ts', 'x')
  await vi.waitUntil(() => told.length === 1, patience)
  process.start = start
  save('server.ts', 'y')
  await vi.waitUntil(() => told.length === 2, patience)
  expect(told).toEqual([
    'pingtrace: the API does not start: half a file',
    'pingtrace: restarted the API',
  ])
})
