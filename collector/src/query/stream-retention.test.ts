import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { readSpans } from '@pingtrace/otlp'
import { expect, it, onTestFinished } from 'vitest'
import { defaultRetention } from '../store/retention.ts'
import { TraceStore } from '../store/trace-store.ts'
import {
  openStream,
  request,
  type StreamEvent,
  span,
  spanIdOf,
  temporaryFolder,
  traceIdOf,
} from '../testing.ts'
import { startQueryServer } from './query-server.ts'

const traceId = traceIdOf(7)
const ofTrace = `?traceId=${traceId}`

/** A store that keeps 16,000 bytes in segments of 2,000, and its query server. */
async function start(bytes = 16_000, folder = temporaryFolder()) {
  const store = new TraceStore(folder, { ...defaultRetention, bytes })
  const server = await startQueryServer(store, 0, { origins: [] })
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= server.close().then(() => store.close())
    return closing
  }
  onTestFinished(close)
  const add = (trace: string, id: number, name = 'work') => {
    const payload = request('web', span(trace, spanIdOf(id), { name }))
    return store.consumeTraces({ receiver: 'otlp-grpc', payload })
  }
  const addUntilDropped = async () => {
    const before = store.droppedSegments
    for (let n = 1; store.droppedSegments === before; n++) await add(traceIdOf(0x1000 + n), n)
  }
  const ports = { otlpGrpc: 0, otlpHttp: 0, query: server.port }
  const open = (search: string) => openStream({ ports }, search)
  return { store, open, add, addUntilDropped, ports, close }
}

const traceIds = ({ data }: StreamEvent) => data.traces!.map((trace) => trace.traceId)
const spanIds = ({ data }: StreamEvent) =>
  readSpans({ resourceSpans: data.resourceSpans! }).map(({ spanId }) => Number(`0x${spanId}`))

it('a client whose position went with its segment is told to start anew', async () => {
  const { open, add, addUntilDropped } = await start()
  await add(traceId, 1)
  const { id } = await (await open(ofTrace)).next()
  await addUntilDropped()
  for (const search of [`${ofTrace}&after=${id}`, `?after=${id}`]) {
    const stream = await open(search)
    expect(await stream.next()).toMatchObject({ event: 'reset', data: {} })
    expect((await stream.next()).event).toBe(search.startsWith(ofTrace) ? 'spans' : 'traces')
  }
})

it('so is one whose segment went while the collector was away', async () => {
  const folder = temporaryFolder()
  const before = await start(16_000, folder)
  await before.add(traceId, 1)
  const { id } = await (await before.open(ofTrace)).next()
  // Its segment is full after 2,000 bytes, and half of what is kept next time after two more.
  for (let n = 2; n <= 60; n++) await before.add(traceId, n)
  await before.close()

  const after = await start(4_000, folder)
  expect(after.store.cursorOf(id)).toBeUndefined()
  const stream = await after.open(`${ofTrace}&after=${id}`)
  expect(await stream.next()).toMatchObject({ event: 'reset', data: {} })
  const anew = spanIds(await stream.next())
  expect(anew).toContain(60)
  expect(anew).not.toContain(1)
})

it('a list that is open starts anew when some of what it names is gone', async () => {
  const { store, open, add, addUntilDropped } = await start()
  await add(traceId, 1)
  const stream = await open('')
  expect(traceIds(await stream.next())).toEqual([traceId])
  await addUntilDropped()
  let event = await stream.next()
  while (event.event !== 'reset') event = await stream.next()
  expect(store.cursorOf(event.id)).toBe(store.start)
  const anew = await stream.next()
  expect(traceIds(anew)).toEqual(store.recentTraces(50).map((each) => each.traceId))
  expect(traceIds(anew)).not.toContain(traceId)
  await add(traceId, 2)
  expect((await stream.next()).data.traces).toMatchObject([{ traceId, spanCount: 1 }])
})

it('a trace that somebody looks at stays as it was, and goes on', async () => {
  const { store, open, add, addUntilDropped } = await start()
  await add(traceId, 1)
  const stream = await open(ofTrace)
  expect(spanIds(await stream.next())).toEqual([1])
  await addUntilDropped()
  expect(store.readTrace(traceId).content.resourceSpans).toEqual([])
  await add(traceId, 2)
  expect(spanIds(await stream.next())).toEqual([2])
})

it('a reader so slow that retention overtakes it starts anew, and misses nothing that is left', async () => {
  const { store, add, ports } = await start(16_000_000)
  // The history is more than the buffers of both sockets hold, and does not shrink when it is sealed.
  const name = randomBytes(75_000).toString('base64')
  for (let n = 1; n <= 130; n++) await add(traceId, n, name)
  expect(store.droppedSegments).toBe(0)
  const socket = connect(ports.query, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  const isLast = `"spanId":"${spanIdOf(300)}"`
  const chunks: string[] = []
  const done = new Promise<void>((resolve) => {
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      chunks.push(chunk)
      if (`${chunks.at(-2) ?? ''}${chunk}`.includes(isLast)) resolve()
    })
  })
  socket.write(`GET /live/v1/stream${ofTrace} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await once(socket, 'data')
  socket.pause()
  for (let n = 131; n <= 300; n++) await add(traceId, n, name)
  expect(store.start).toBeGreaterThan(130)
  socket.resume()
  await done
  const text = chunks.join('').split('event: reset')
  expect(text).toHaveLength(2)
  const seen = [...text[1]!.matchAll(/"spanId":"(\w+)"/g)].map(([, id]) => Number(`0x${id}`))
  expect(seen).toEqual(Array.from({ length: 300 - store.start }, (_, i) => store.start + i + 1))
})
