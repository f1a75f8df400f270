import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { readSpans, type TracesData } from '@pingtrace/otlp'
import { expect, it, onTestFinished, vi } from 'vitest'
import { defaultRetention } from '../store/retention.ts'
import { TraceStore } from '../store/trace-store.ts'
import { request, span, spanIdOf, temporaryFolder, traceIdOf } from '../testing.ts'
import type { queryLimits } from './limits.ts'
import { startQueryServer } from './query-server.ts'

const megabyte = 1_000_000
/** More than the buffers of two sockets hold, and it does not shrink when it is sealed. */
const traceBytes = 13 * megabyte
const spanBytes = 100_000
const traceId = traceIdOf(1)

/** A collector that has one large trace, and room for little more. */
async function start(limits: Partial<typeof queryLimits> = {}) {
  const store = new TraceStore(temporaryFolder(), { ...defaultRetention, bytes: 16 * megabyte })
  const server = await startQueryServer(store, 0, { origins: [], limits })
  onTestFinished(() => server.close(0).then(() => store.close()))
  const name = randomBytes(spanBytes * 0.75).toString('base64')
  const add = async (trace: string) => {
    for (let n = 1; n <= traceBytes / spanBytes; n++) {
      const payload = request('web', span(trace, spanIdOf(n), { name }))
      await store.consumeTraces({ receiver: 'otlp-grpc', payload })
    }
  }
  await add(traceId)
  expect(store.droppedSegments).toBe(0)
  return { port: server.port, addAnother: () => add(traceIdOf(2)) }
}

const byId = `/api/v3/traces/${traceId}`
const found =
  '/api/v3/traces?query.startTimeMin=2023-01-01T00:00:00Z&query.startTimeMax=2024-01-01T00:00:00Z'

/** A client that has read the beginning, and then as much more as it is told to. */
async function slowClient(port: number, path: string) {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await once(socket, 'readable')
  const closed = once(socket.setEncoding('latin1'), 'close')
  let text = ''
  return {
    closed,
    rest: () =>
      new Promise<string>((resolve) => {
        const isEnd = () => text.endsWith('\r\n0\r\n\r\n')
        socket.on('data', (chunk: string) => {
          text += chunk
          if (isEnd()) resolve(text)
        })
        closed.then(() => resolve(text))
      }),
  }
}

it.each([byId, found])('reaches a slow client whole: %s', async (path) => {
  const { port } = await start()
  const text = await (await slowClient(port, path)).rest()
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(text.match(/"spanId"/g)).toHaveLength(traceBytes / spanBytes)
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  const { result } = (await response.json()) as { result: TracesData }
  expect(readSpans(result).at(-1)?.spanId).toBe(spanIdOf(traceBytes / spanBytes))
})

it.each([byId, found])(
  'is read as its client reads, and breaks off where retention was quicker: %s',
  async (path) => {
    const { port, addAnother } = await start()
    const client = await slowClient(port, path)
    await addAnother()
    const text = await client.rest()
    expect(text.match(/"spanId"/g)!.length).toBeGreaterThan(0)
    expect(text).not.toContain(spanIdOf(traceBytes / spanBytes))
    // The last chunk of an answer that is whole has no bytes.
    expect(text.endsWith('\r\n0\r\n\r\n')).toBe(false)
  },
)

it('is let go when its client reads no more of it', async () => {
  const { port } = await start({ stallMs: 200, connections: 1 })
  const client = await slowClient(port, byId)
  const isFree = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      () => true,
      () => false,
    )
  expect(await isFree()).toBe(false)
  await vi.waitUntil(isFree, { timeout: 10_000 })
  expect((await client.rest()).endsWith('\r\n0\r\n\r\n')).toBe(false)
})

it('has nothing in it for who asks for the head alone', async () => {
  const { port } = await start()
  const response = await fetch(`http://127.0.0.1:${port}${byId}`, { method: 'HEAD' })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
  expect(await response.text()).toBe('')
})
