import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const program = fileURLToPath(new URL('./lifecycle.fixture.ts', import.meta.url))

interface Running {
  child: ChildProcess
  /** Resolves with the next line that it prints, undefined at its end. */
  line(): Promise<string | undefined>
}

async function run(supervised: boolean): Promise<Running> {
  const stdio: StdioOptions = ['ignore', 'pipe', 'inherit', ...(supervised ? ['ipc' as const] : [])]
  const child = spawn(process.execPath, ['--import', 'tsx', program], { stdio })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout as Readable })[Symbol.asyncIterator]()
  const line = async () => {
    const { value, done } = await lines.next()
    return done === true ? undefined : value
  }
  if (supervised) expect((await once(child, 'message'))[0]).toEqual({ ready: true })
  expect(await line()).toBe('running')
  return { child, line }
}

/** As npm and npx do: with a shell in between, which dies of SIGTERM and passes nothing on. */
async function runByNpm(): Promise<Running> {
  const command = `"${process.execPath}" --import tsx "${program}"; exit $?`
  const child = spawn('sh', ['-c', command], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, npm_lifecycle_event: 'npx' },
    detached: true,
  })
  onTestFinished(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch (error) {
      expect(error).toMatchObject({ code: 'ESRCH' })
    }
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async () => (await lines.next()).value as string | undefined
  expect(await line()).toBe('running')
  return { child, line }
}

const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

describe.skipIf(process.platform === 'win32')('a process', () => {
  it.each(signals)('alone stops by %s', async (signal) => {
    const { child, line } = await run(false)
    const ended = once(child, 'exit')
    child.kill(signal)
    expect(await line()).toBe('stopped')
    expect(await ended).toEqual([0, null])
  })

  it('alone stops when npm has been ended, of which it hears nothing', async () => {
    const { child, line } = await runByNpm()
    child.kill('SIGTERM')
    expect(await line()).toBe('stopped')
    expect(await line()).toBe(undefined)
  })

  it('under a supervisor leaves signals to it, and stops when the channel ends', async () => {
    const { child, line } = await run(true)
    const ended = once(child, 'exit')
    for (const signal of signals) {
      child.kill(signal)
      expect(await line()).toBe(signal)
    }
    child.disconnect()
    expect(await line()).toBe('stopped')
    expect(await ended).toEqual([0, null])
  })
})
