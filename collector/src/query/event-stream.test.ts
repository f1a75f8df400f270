import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type OtlpSpan, readSpans, SpanDecoder } from '@pingtrace/otlp'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  openStream,
  pageOrigin,
  request,
  type StreamEvent,
  span,
  spanIdOf,
  startTestCollector,
  type TestCollector,
  temporaryFolder,
  traceIdOf,
} from '../testing.ts'
import { holdStream } from './event-stream.ts'

const traceId = traceIdOf(7)
const ofTrace = `?traceId=${traceId}`
const sendSpan = (collector: TestCollector, n: number, fields: OtlpSpan = {}) =>
  collector.send(request('web', span(traceId, spanIdOf(n), fields)))
const spanIds = ({ data }: StreamEvent) =>
  readSpans({ resourceSpans: data.resourceSpans! }).map(({ spanId }) => spanId)
const traceIds = ({ data }: StreamEvent) => data.traces!.map((trace) => trace.traceId)

/** A client that shows what really comes, and that can stop reading. */
function rawStream(collector: TestCollector, path: string): Socket {
  const socket = connect(collector.ports.query, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
  })
  socket.setEncoding('latin1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  return socket
}

async function textUntil(socket: Socket, wanted: string): Promise<void> {
  let text = ''
  while (!text.includes(wanted)) text += (await once(socket, 'data'))[0]
}

async function openStreams(collector: TestCollector): Promise<number> {
  const health = (await (await collector.query('/healthz')).json()) as { streams: number }
  return health.streams
}

describe('the stream of all traces', () => {
  it('starts with the newest traces, and goes on with those that change', async () => {
    const collector = await startTestCollector()
    await collector.send(request('web', span(traceIdOf(1), spanIdOf(1))))
    await collector.send(request('web', span(traceIdOf(2), spanIdOf(1))))
    const stream = await openStream(collector)
    const first = await stream.next()
    expect(first.event).toBe('traces')
    expect(first.id).toMatch(/^\d+-\d+$/)
    expect(traceIds(first)).toEqual([2, 1].map(traceIdOf))

    await collector.send(request('api', span(traceIdOf(1), spanIdOf(2))))
    const second = await stream.next()
    expect(second.data.traces).toMatchObject([
      { traceId: traceIdOf(1), spanCount: 2, services: ['web', 'api'] },
    ])
  })

  it('starts with an empty list when nothing is stored', async () => {
    const stream = await openStream(await startTestCollector())
    expect(await stream.next()).toMatchObject({ event: 'traces', data: { traces: [] } })
  })

  it('coalesces what changes within a frame', async () => {
    const collector = await startTestCollector()
    const stream = await openStream(collector)
    await stream.next()
    const count = 200
    const began = performance.now()
    await Promise.all(
      Array.from({ length: count }, (_, n) =>
        collector.send(request('web', span(traceIdOf(n + 1), spanIdOf(1)))),
      ),
    )
    const seen = new Set<string>()
    let events = 0
    for (; seen.size < count; events++) {
      for (const id of traceIds(await stream.next())) seen.add(id)
    }
    // However long it takes: one at once, and then one a frame. Timers may be a millisecond early.
    expect(events).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - began) / 15))
  })
})

describe('the stream of one trace', () => {
  it('starts with what is stored, and goes on with what arrives for it, once', async () => {
    const collector = await startTestCollector()
    await sendSpan(collector, 1)
    const stream = await openStream(collector, ofTrace)
    const first = await stream.next()
    expect(first.event).toBe('spans')
    expect(spanIds(first)).toEqual([spanIdOf(1)])

    await collector.send(request('web', span(traceIdOf(8), spanIdOf(1))))
    await sendSpan(collector, 1)
    await sendSpan(collector, 2)
    expect(spanIds(await stream.next())).toEqual([spanIdOf(2)])
    await sendSpan(collector, 3)
    expect(spanIds(await stream.next())).toEqual([spanIdOf(3)])
  })

  it('starts empty when nothing is stored of it', async () => {
    const collector = await startTestCollector()
    const stream = await openStream(collector, ofTrace)
    expect(await stream.next()).toMatchObject({ event: 'spans', data: { resourceSpans: [] } })
    await sendSpan(collector, 1)
    expect(spanIds(await stream.next())).toEqual([spanIdOf(1)])
  })

  it('says how long ago the latest of them came', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const collector = await startTestCollector()
    await sendSpan(collector, 1)
    vi.setSystemTime(Date.now() + 7_000)
    const stream = await openStream(collector, ofTrace)
    expect((await stream.next()).data.quietForMs).toBeGreaterThanOrEqual(7_000)
    await sendSpan(collector, 2)
    expect((await stream.next()).data).toMatchObject({ quietForMs: 0 })
  })

  it('sends a long history in several events, whole and in order', async () => {
    const collector = await startTestCollector()
    const count = 40
    for (let n = 1; n <= count; n++) await sendSpan(collector, n, { name: 'x'.repeat(20_000) })
    const stream = await openStream(collector, ofTrace)
    const seen: string[] = []
    let events = 0
    for (; seen.length < count; events++) {
      const event = await stream.next()
      seen.push(...spanIds(event))
      // What seems to be missing may be in the rest.
      expect('quietForMs' in event.data).toBe(seen.length === count)
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, n) => spanIdOf(n + 1)))
    expect(events).toBeGreaterThan(2)
  })

  it('sends the same as protobuf to who asks for that, with the bytes as they are stored', async () => {
    const collector = await startTestCollector()
    const other = span(traceIdOf(8), spanIdOf(9))
    await collector.send(request('web', span(traceId, spanIdOf(1)), other))
    await collector.send(request('api', span(traceId, spanIdOf(2), { kind: 2 })))
    const [json, protobuf] = [
      await openStream(collector, ofTrace),
      await openStream(collector, `${ofTrace}&encoding=protobuf`),
    ]
    const decoder = new SpanDecoder()
    const same = async () => {
      const { data } = await json.next()
      const { protobuf: base64 = '', ...rest } = (await protobuf.next()).data
      expect(decoder.decode(Buffer.from(base64, 'base64'))).toEqual(
        readSpans({ resourceSpans: data.resourceSpans! }),
      )
      expect(Object.keys(rest)).toEqual(['quietForMs'])
    }
    await same()
    await sendSpan(collector, 3)
    await same()
    expect((await collector.query(`/live/v1/stream${ofTrace}&encoding=xml`)).status).toBe(400)
  })

  it('is refused for what is no trace id', async () => {
    const collector = await startTestCollector()
    expect((await collector.query('/live/v1/stream?traceId=abc')).status).toBe(400)
  })
})

describe('a client that comes back', () => {
  it('gets what came later, and only that, after a restart of the collector too', async () => {
    const folder = temporaryFolder()
    const before = await startTestCollector(folder)
    await sendSpan(before, 1)
    const one = await (await openStream(before, ofTrace)).next()
    const all = await (await openStream(before)).next()
    expect(all.id).toBe(one.id)
    await sendSpan(before, 2)
    await before.close()

    const after = await startTestCollector(folder)
    const byQuery = await openStream(after, `${ofTrace}&after=${one.id}`)
    expect(spanIds(await byQuery.next())).toEqual([spanIdOf(2)])
    const byHeader = await openStream(after, `${ofTrace}&after=1-0`, { 'last-event-id': one.id })
    expect(spanIds(await byHeader.next())).toEqual([spanIdOf(2)])
    const list = await openStream(after, `?after=${all.id}`)
    expect((await list.next()).data.traces).toMatchObject([{ traceId, spanCount: 2 }])

    const { id } = await (await openStream(after)).next()
    const upToDate = await openStream(after, `${ofTrace}&after=${id}`)
    await sendSpan(after, 3)
    expect(spanIds(await upToDate.next())).toEqual([spanIdOf(3)])
  })

  it('is told to start anew when its position is gone', async () => {
    const folder = temporaryFolder()
    const before = await startTestCollector(folder)
    await sendSpan(before, 1)
    const { id } = await (await openStream(before, ofTrace)).next()
    await before.close()
    rmSync(folder, { recursive: true })

    const after = await startTestCollector(folder)
    await sendSpan(after, 2)
    for (const search of [`${ofTrace}&after=${id}`, `${ofTrace}&after=nonsense`]) {
      const stream = await openStream(after, search)
      expect(await stream.next()).toMatchObject({ event: 'reset', data: {} })
      expect(spanIds(await stream.next())).toEqual([spanIdOf(2)])
    }
  })
})

describe('the connection', () => {
  it('is an uncached event stream that the page may read', async () => {
    const collector = await startTestCollector()
    const { response } = await openStream(collector, '', { origin: pageOrigin })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('access-control-allow-origin')).toBe(pageOrigin)
  })

  it('ends at once when the collector closes', async () => {
    const collector = await startTestCollector()
    const stream = await openStream(collector)
    await stream.next()
    const ended = expect(stream.next()).rejects.toThrow()
    await collector.close()
    await ended
  })

  it('is kept alive by comments', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const collector = await startTestCollector()
    const socket = rawStream(collector, '/live/v1/stream')
    await textUntil(socket, 'event: traces')
    vi.advanceTimersByTime(15_000)
    await textUntil(socket, ': keep-alive\n\n')
    socket.destroy()
    vi.useRealTimers()
  })

  it('is dropped when the client stops reading in the middle of the history', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const collector = await startTestCollector()
    // More than the buffers of both sockets hold.
    const name = 'x'.repeat(100_000)
    for (let n = 1; n <= 200; n++) await sendSpan(collector, n, { name })
    const socket = rawStream(collector, `/live/v1/stream${ofTrace}`)
    await textUntil(socket, 'event: spans')
    socket.pause()
    while ((await openStreams(collector)) > 0) vi.advanceTimersByTime(15_000)
    vi.useRealTimers()
  })

  it('waits for a client that does not read, while others go on, and then sends it all', async () => {
    const collector = await startTestCollector()
    const [reader, slow] = [
      await openStream(collector, ofTrace),
      await openStream(collector, ofTrace),
    ]
    await reader.next()
    await slow.next()
    // More than the buffers of both sockets hold.
    const name = 'x'.repeat(100_000)
    const sent = Array.from({ length: 200 }, (_, n) => spanIdOf(n + 1))
    for (let n = 1; n <= sent.length; n++) {
      await sendSpan(collector, n, { name })
      expect(spanIds(await reader.next())).toEqual([spanIdOf(n)])
    }
    const got: string[] = []
    while (got.length < sent.length) got.push(...spanIds(await slow.next()))
    expect(got).toEqual(sent)
  })

  it('of a client that was gone before it began is let go', async () => {
    const held = new Promise<void>((resolve, reject) => {
      const server = createServer(async (_, response) => {
        response.writeHead(200).write('hello')
        await once(response, 'close')
        const untilGone = (signal: AbortSignal) =>
          signal.aborted ? Promise.resolve() : once(signal, 'abort').then(() => undefined)
        holdStream(response, new AbortController().signal, untilGone).then(resolve, reject)
      })
      onTestFinished(() => void server.close())
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as AddressInfo
        const socket = connect(port, '127.0.0.1')
        socket.once('data', () => socket.destroy())
        socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
      })
    })
    await held
  })
})
