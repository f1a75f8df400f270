import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { MongoClient } from 'mongodb'
import { expect, it, onTestFinished } from 'vitest'
import { startEmbeddedMongodb } from './index.ts'

async function start() {
  const server = await startEmbeddedMongodb()
  onTestFinished(() => server.stop())
  return server
}

const alive = (pid: number) => {
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

it('names itself, and stops as often as it is asked to', async () => {
  const server = await start()
  expect(server.url).toBe(`mongodb://127.0.0.1:${server.port}`)
  expect(alive(server.pid)).toBe(true)
  await Promise.all([server.stop(), server.stop()])
  expect(alive(server.pid)).toBe(false)
  await server.stop()
})

it('starts again, empty, on the port it had', async () => {
  const first = await start()
  const before = await new MongoClient(first.url).connect()
  await before.db('test').collection('test').insertOne({ key: 'value' })
  await before.close()
  await first.stop()
  const second = await startEmbeddedMongodb({ port: first.port })
  onTestFinished(() => second.stop())
  expect(second.url).toBe(first.url)
  const after = await new MongoClient(second.url).connect()
  expect(await after.db('test').collection('test').findOne()).toBeNull()
  await after.close()
})

it('says that a port is in use', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  await expect(startEmbeddedMongodb({ port })).rejects.toThrow(
    `embedded MongoDB: port ${port} on 127.0.0.1 is in use`,
  )
})

it('says that a port is none', async () => {
  await expect(startEmbeddedMongodb({ port: 70_000 })).rejects.toThrow(/^embedded MongoDB: .*70000/)
})

it('leaves Ctrl-C to its parent', async () => {
  const server = await start()
  process.kill(server.pid, 'SIGINT')
  const client = await new MongoClient(server.url).connect()
  expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 })
  await client.close()
})

it('ends when its parent is killed, started from any working directory', async () => {
  const parent: ChildProcess = fork(
    fileURLToPath(new URL('./parent.fixture.ts', import.meta.url)),
    {
      cwd: tmpdir(),
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    },
  )
  let printed = ''
  parent.stderr?.on('data', (chunk) => {
    printed += chunk
  })
  const [{ port }] = (await once(parent, 'message')) as [{ port: number }]
  parent.kill('SIGKILL')
  await gone(port)
  expect(printed).toBe('')
})
