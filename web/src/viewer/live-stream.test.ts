import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { pretendToBeAPage, type TestPage } from '../page.test-support.ts'
import type { StreamEvent } from './event-stream.ts'
import { type FakeCollector, startFakeCollector } from './fake-collector.test-support.ts'
import { openLiveStream, type StreamState, type StreamTiming } from './live-stream.ts'
import { keepQueryToken } from './query-token.ts'

const quick: StreamTiming = {
  firstDelayMs: 1,
  maxDelayMs: 5,
  answerMs: 10_000,
  silenceMs: 10_000,
}

describe('openLiveStream', () => {
  let collector: FakeCollector
  let log: Log
  let page: TestPage
  let close: () => void = () => undefined

  beforeEach(async () => {
    page = pretendToBeAPage()
    collector = await startFakeCollector()
    log = new Log()
  })
  afterEach(async () => {
    close()
    await collector.leave()
  })

  function open(timing: Partial<StreamTiming> = {}): void {
    close = openLiveStream({
      url: `${collector.url}/live/v1/stream?traceId=aa`,
      onEvents: (events) =>
        log.add(...events.map(({ event, data }: StreamEvent) => ({ event, data }))),
      onState: (state) => log.add(state),
      timing: { ...quick, ...timing },
    })
  }

  it('hands over events in order, whatever the pieces they come in', async () => {
    open()
    const request = await collector.nextRequest()
    expect(request.url.pathname + request.url.search).toBe('/live/v1/stream?traceId=aa')
    request.open()
    // The piece after the first event ends within a character of two bytes.
    const bytes = Buffer.from('data: 1\n\nevent: spans\ndata: {"n":"é"}\n\n')
    const cut = bytes.indexOf(0xc3) + 1
    request.response.write(bytes.subarray(0, cut))
    await log.until({ event: 'message', data: 1 })
    request.response.write(bytes.subarray(cut))
    await log.until({ event: 'spans', data: { n: 'é' } })
    expect(log.entries.slice(0, 2)).toEqual([{ state: 'connecting' }, { state: 'live' }])
  })

  it('resumes after the last event when the connection is lost', async () => {
    open()
    const first = await collector.nextRequest()
    first.open()
    first.send('spans', { n: 1 }, '7-10')
    first.send('spans', { n: 2 }, '7-20')
    await log.until({ event: 'spans', data: { n: 2 } })
    first.response.destroy()
    const second = await collector.nextRequest()
    expect(second.url.searchParams.get('after')).toBe('7-20')
    expect(second.url.searchParams.get('traceId')).toBe('aa')
    second.open()
    await log.untilCount({ state: 'live' }, 2)
    expect(log.entries.filter((entry) => 'state' in entry).map(({ state }) => state)).toEqual([
      'connecting',
      'live',
      'away',
      'live',
    ])
  })

  it('keeps its position through an attempt that brings nothing', async () => {
    open()
    const first = await collector.nextRequest()
    first.open()
    first.send('spans', {}, '7-10')
    first.response.end()
    const second = await collector.nextRequest()
    second.open()
    second.response.end()
    const third = await collector.nextRequest()
    expect(third.url.searchParams.get('after')).toBe('7-10')
    await log.until({ state: 'away', reason: 'it ended the stream' })
  })

  it('says that the collector is away, and recovers when it comes back', async () => {
    open()
    const request = await collector.nextRequest()
    request.open()
    await log.until({ state: 'live' })
    await collector.leave()
    await log.until({ state: 'away', reason: 'no answer' })
    await collector.comeBack()
    const again = await collector.nextRequest()
    again.open()
    await log.untilCount({ state: 'live' }, 2)
  })

  it.each([
    ['an error', 503, 'text/event-stream', '', 'HTTP 503'],
    ['another page', 200, 'text/html', '', 'the answer is not an event stream'],
  ])('takes %s for an absent collector', async (_what, status, type, body, reason) => {
    open()
    const request = await collector.nextRequest()
    request.response.writeHead(status, { 'content-type': type }).end(body)
    await log.until({ state: 'away', reason })
    const again = await collector.nextRequest()
    again.open()
    await log.until({ state: 'live' })
  })

  it('does not choke on an event that is not JSON', async () => {
    open()
    const request = await collector.nextRequest()
    request.open()
    request.response.write('event: spans\ndata: {"n"\n\n')
    await log.untilMatching((entry) => 'state' in entry && entry.state === 'away')
    await request.closed
  })

  it('hands a reset over in its place among the events', async () => {
    open()
    const request = await collector.nextRequest()
    request.open()
    request.send('reset', {})
    request.send('spans', { n: 1 }, '9-1')
    await log.until({ event: 'spans', data: { n: 1 } })
    expect(log.entries.slice(2)).toEqual([
      { event: 'reset', data: {} },
      { event: 'spans', data: { n: 1 } },
    ])
  })

  it('leaves a line that has fallen silent', async () => {
    open({ silenceMs: 50 })
    const request = await collector.nextRequest()
    request.open()
    await log.until({ state: 'away', reason: 'nothing came for 0.05 s' })
    await request.closed
  })

  it('says when a connection is taken and nothing comes, and recovers', async () => {
    open({ answerMs: 50 })
    const stuck = await collector.nextRequest()
    await log.until({ state: 'hung' })
    await stuck.closed
    const again = await collector.nextRequest()
    again.open()
    await log.until({ state: 'live' })
  })

  it('tells a collector that refuses this page from one that is away', async () => {
    open()
    // As the page sees a refusal: no answer to the request, and one to the no-cors probe.
    const refused = await collector.nextRequest()
    refused.response.destroy()
    const probe = await collector.nextRequest()
    expect(probe.url.pathname).toBe('/healthz')
    expect(probe.mode).toBe('no-cors')
    probe.response.end()
    await log.until({ state: 'refused' })
    const again = await collector.nextRequest()
    again.open()
    await log.until({ state: 'live' })
  })

  it('says when the collector asks for its token, and goes on once it is shown', async () => {
    onTestFinished(() => void vi.unstubAllGlobals())
    const kept = new Map<string, string>()
    vi.stubGlobal('sessionStorage', {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => kept.set(name, value),
    })
    open()
    const locked = await collector.nextRequest()
    expect(locked.authorization).toBeUndefined()
    locked.response.writeHead(401).end()
    await log.until({ state: 'locked' })
    keepQueryToken('a-token-of-readers')
    // One may have gone off before it was kept.
    for (;;) {
      const again = await collector.nextRequest()
      if (again.authorization === 'Bearer a-token-of-readers') {
        again.open()
        break
      }
      again.response.writeHead(401).end()
    }
    await log.until({ state: 'live' })
  })

  it('lets go while the tab is hidden, and resumes where it was when it is shown', async () => {
    open()
    const first = await collector.nextRequest()
    first.open()
    first.send('spans', { n: 1 }, '7-10')
    await log.until({ event: 'spans', data: { n: 1 } })
    page.setHidden(true)
    await first.closed
    page.setHidden(false)
    const second = await collector.nextRequest()
    expect(second.url.searchParams.get('after')).toBe('7-10')
    second.open()
    second.send('spans', { n: 2 }, '7-20')
    await log.until({ event: 'spans', data: { n: 2 } })
    // It left by itself: nobody is away, and nobody is told so.
    expect(log.entries.filter((entry) => 'state' in entry).map(({ state }) => state)).toEqual([
      'connecting',
      'live',
      'live',
    ])
  })

  it('asks for nothing in a tab that was opened hidden', async () => {
    page.setHidden(true)
    open()
    const other = fetch(`${collector.url}/other`)
    const first = await collector.nextRequest()
    expect(first.url.pathname).toBe('/other')
    first.response.end()
    await other
    page.setHidden(false)
    const second = await collector.nextRequest()
    second.open()
    await log.until({ state: 'live' })
  })

  it('does not wait out a pause when it is shown again', async () => {
    open({ firstDelayMs: 60_000, maxDelayMs: 60_000 })
    const first = await collector.nextRequest()
    first.response.writeHead(503).end()
    await log.until({ state: 'away', reason: 'HTTP 503' })
    page.setHidden(true)
    page.setHidden(false)
    const second = await collector.nextRequest()
    second.open()
    await log.until({ state: 'live' })
  })

  it('lets go of the connection when closed, and says no more', async () => {
    open()
    const request = await collector.nextRequest()
    request.open()
    await log.until({ state: 'live' })
    close()
    await request.closed
    expect(log.entries).toEqual([{ state: 'connecting' }, { state: 'live' }])
  })
})

/** What the stream reported, and a way to wait for a report without sleeping. */
class Log {
  readonly entries: (StreamState | StreamEvent)[] = []
  #changed: () => void = () => undefined

  add(...entries: (StreamState | StreamEvent)[]): void {
    this.entries.push(...entries)
    this.#changed()
  }

  async untilMatching(
    matches: (entry: StreamState | StreamEvent) => boolean,
    count = 1,
  ): Promise<void> {
    while (this.entries.filter(matches).length < count) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
    }
  }

  until(wanted: StreamState | StreamEvent): Promise<void> {
    return this.untilCount(wanted, 1)
  }

  untilCount(wanted: StreamState | StreamEvent, count: number): Promise<void> {
    const text = JSON.stringify(wanted)
    return this.untilMatching((entry) => JSON.stringify(entry) === text, count)
  }
}
