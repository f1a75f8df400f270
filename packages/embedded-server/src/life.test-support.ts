import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { freePort } from '@pingtrace/loopback/free-ports'
import { expect, it, onTestFinished } from 'vitest'
import type { EmbeddedServer } from './start-child.ts'

export interface LifeOptions {
  /** The name that its errors begin with, such as "embedded Redis". */
  label: string
  /** Of its URL, such as "redis". */
  scheme: string
  start(options?: { port?: number }): Promise<EmbeddedServer>
  /** Writes something that `read` finds. */
  write(url: string): Promise<void>
  /** @returns null when nothing was written */
  read(url: string): Promise<unknown>
  /** A program that starts the server, and sends its port to its own parent. */
  parent: URL
}

/** What every embedded server promises of its life, whatever it serves. */
export function testLife({ label, scheme, start, write, read, parent }: LifeOptions): void {
  const started = async (options?: { port?: number }) => {
    const server = await start(options)
    onTestFinished(() => server.stop())
    return server
  }

  it('names itself, and stops as often as it is asked to', async () => {
    const server = await started()
    expect(server.url).toBe(`${scheme}://127.0.0.1:${server.port}`)
    expect(alive(server.pid)).toBe(true)
    await Promise.all([server.stop(), server.stop()])
    expect(alive(server.pid)).toBe(false)
    await server.stop()
  })

  it('starts again, empty, on the port it had', async () => {
    const first = await started({ port: await freePort() })
    await write(first.url)
    expect(await read(first.url)).not.toBeNull()
    await first.stop()
    const second = await started({ port: first.port })
    expect(second.url).toBe(first.url)
    expect(await read(second.url)).toBeNull()
  })

  it('says that a port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    await expect(start({ port })).rejects.toThrow(`${label}: port ${port} on 127.0.0.1 is in use`)
  })

  it('says that a port is none', async () => {
    await expect(start({ port: 70_000 })).rejects.toThrow(new RegExp(`^${label}: .*70000`))
  })

  it('leaves Ctrl-C to its parent', async () => {
    const server = await started()
    process.kill(server.pid, 'SIGINT')
    expect(await read(server.url)).toBeNull()
  })

  it('ends when its parent is killed, started from any working directory', async () => {
    const child = fork(fileURLToPath(parent), {
      cwd: tmpdir(),
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    })
    let printed = ''
    child.stderr?.on('data', (chunk) => {
      printed += chunk
    })
    const [{ port }] = (await once(child, 'message')) as [{ port: number }]
    child.kill('SIGKILL')
    await gone(port)
    expect(printed).toBe('')
  })
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Holds a connection: it breaks, or is refused, when the process behind the port is gone. */
async function gone(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  await new Promise((resolve) => {
    socket.once('error', resolve)
    socket.once('close', resolve)
  })
}
