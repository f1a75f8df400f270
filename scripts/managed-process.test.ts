import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ManagedProcess } from './managed-process.ts'
import { root } from './paths.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pingtrace-process-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A program, what it printed, and how it ended if nobody asked it to. */
async function managed(name: string, source: string) {
  const path = join(folder, `${name}.mjs`)
  await writeFile(path, source)
  const lines: string[] = []
  let crashed: (how: string) => void
  const crash = new Promise<string>((resolve) => {
    crashed = resolve
  })
  const process = new ManagedProcess({
    name,
    entry: relative(root, path),
    env: {},
    fromSource: false,
    onLine: (_, line) => lines.push(line),
    onCrash: (_, how) => crashed(how),
  })
  return { process, lines, crash }
}

test('a process that never says that it is ready, and hears nothing, is ended in words', async () => {
  const { process, lines } = await managed('deaf', 'for (;;);')
  await expect(process.start(500)).rejects.toThrow('the deaf was not ready within 0.5 s')
  expect(process.pid).toBeUndefined()
  expect(lines).toEqual([])
})

test('the one line that it left is the error', async () => {
  const { process, lines } = await managed('wrong', "console.error('A is B'); process.exit(3)")
  await expect(process.start()).rejects.toThrow(/^A is B$/)
  expect(lines).toEqual([])
})

test('it says how it ended, when nobody asked it to', async () => {
  const source = `
    process.on('message', () => undefined)
    process.send({ ready: true })`
  const { process: parent, crash } = await managed('killed', source)
  await parent.start()
  process.kill(parent.pid!, 'SIGKILL')
  expect(await crash).toBe('SIGKILL')
})
