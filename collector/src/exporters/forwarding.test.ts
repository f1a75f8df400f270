import { freePort } from '@pingtrace/loopback/free-ports'
import { describe, expect, it, onTestFinished } from 'vitest'
import { MalformedError, type TracesConsumer } from '../consumer.ts'
import { defaultRetention } from '../store/retention.ts'
import { TraceStore } from '../store/trace-store.ts'
import { request, span, spanIdOf, temporaryFolder, traceIdOf } from '../testing.ts'
import { type ForwardCounts, Forwarder } from './forwarder.ts'
import {
  type ExporterSettings,
  type ForwardingOptions,
  startForwarders,
  storeAndForward,
} from './forwarding.ts'
import { grpcTarget } from './grpc-target.ts'
import {
  certificate,
  environment,
  type Protocol,
  recordLog,
  startTarget,
  type TestTarget,
  token,
  until,
} from './otlp-target.test-support.ts'
import { defaultRetry } from './retry.ts'
import { readForwardSettings } from './settings.ts'

interface TestForwarder extends TracesConsumer {
  readonly counts: ForwardCounts
  /** Stores a request, and so forwards it. */
  forward(payload: Uint8Array): Promise<void>
  close(): Promise<void>
}

interface TestOptions extends Partial<Omit<ExporterSettings, 'id' | 'forward'>> {
  dataDir?: string
  closeMs?: number
  batch?: ForwardingOptions['batch']
}

/** A store, and a forwarder that these variables ask for; closed after the test. */
async function forwarderTo(
  protocol: Protocol,
  { port }: Pick<TestTarget, 'port'>,
  env: Record<string, string> = {},
  { dataDir = temporaryFolder(), closeMs = 50, batch, ...exporter }: TestOptions = {},
): Promise<TestForwarder> {
  const forward = readForwardSettings({ ...environment(protocol, port), ...env })!
  const store = new TraceStore(dataDir, defaultRetention)
  const exporters = [{ id: 'test', forward, ...exporter }]
  const options = { dataDir, ownPorts: [], closeMs, batch }
  const [forwarder] = (await startForwarders(exporters, store, options)) as [Forwarder]
  const consumer = storeAndForward(store, [forwarder])
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= forwarder.close().then(() => store.close())
    return closing
  }
  onTestFinished(close)
  return {
    ...consumer,
    get counts() {
      return forwarder.counts
    },
    forward: async (payload) => {
      await consumer.consumeTraces({ receiver: 'otlp-grpc', payload })
    },
    close,
  }
}

/** A request with one span of that name, padded on demand. */
function named(name: string, padding = 0): Uint8Array {
  const attributes = [{ key: 'padding', value: { stringValue: 'x'.repeat(padding) } }]
  return request('shop', span(traceIdOf(1), spanIdOf(1), { name, attributes }))
}

const take = { kind: 'take' } as const

describe.each<Protocol>(['http/protobuf', 'grpc'])('forwarding by %s over TLS', (protocol) => {
  it('sends what came, with the token, and counts it', async () => {
    const lines = recordLog()
    const target = await startTarget(protocol)
    const forwarder = await forwarderTo(protocol, target)
    await forwarder.forward(named('a'))
    await until(() => forwarder.counts.forwardedSpans === 1)
    expect(target.taken()).toEqual(['a'])
    expect(forwarder.counts).toMatchObject({ queuedSpans: 0, queuedRequests: 0, droppedSpans: 0 })
    expect(lines).toEqual([`collector: forwards to ${forwarder.counts.target}`])
    expect(forwarder.counts.target).not.toContain(token)
  })

  it('compresses where it is told to', async () => {
    recordLog()
    const target = await startTarget(protocol)
    const forwarder = await forwarderTo(protocol, target, {
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    })
    await forwarder.forward(named('a', 5_000))
    await until(() => forwarder.counts.forwardedSpans === 1)
    const { headers } = target.received[0]!
    if (protocol === 'http/protobuf') expect(headers).toMatchObject({ 'content-encoding': 'gzip' })
    expect(target.taken()).toEqual(['a'])
  })

  it('drops for good what is refused for a wrong token, says so once, and goes on', async () => {
    const lines = recordLog()
    const target = await startTarget(protocol)
    const wrong = { OTEL_EXPORTER_OTLP_HEADERS: 'access-token=stolen' }
    const forwarder = await forwarderTo(protocol, target, wrong)
    for (const refused of [1, 2]) {
      await forwarder.forward(named('a'))
      await until(() => forwarder.counts.refusedSpans === refused)
    }
    expect(target.received).toHaveLength(2)
    expect(forwarder.counts).toMatchObject({ forwardedSpans: 0, queuedSpans: 0 })
    expect(lines.slice(1)).toEqual([expect.stringMatching(/refuses spans: .*wrong token/)])
  })

  it('keeps what it has from a server whose certificate it does not trust, and says why', async () => {
    const lines = recordLog()
    const target = await startTarget(protocol)
    const forwarder = await forwarderTo(protocol, target, {
      OTEL_EXPORTER_OTLP_CERTIFICATE: certificate('another-ca.pem'),
    })
    await forwarder.forward(named('a'))
    await until(() => lines.some((line) => line.includes('spans wait')))
    expect(lines.at(-1)).toMatch(/certificate.*OTEL_EXPORTER_OTLP_CERTIFICATE/)
    expect(target.received).toEqual([])
    expect(forwarder.counts).toMatchObject({ queuedSpans: 1, refusedSpans: 0 })
  })

  it('shows its own certificate to a server that asks for one', async () => {
    recordLog()
    const answer = () => take
    const target = await startTarget(protocol, { mutual: true, answer })
    const forwarder = await forwarderTo(protocol, target, {
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: certificate('client.pem'),
      OTEL_EXPORTER_OTLP_CLIENT_KEY: certificate('client-key.pem'),
    })
    await forwarder.forward(named('a'))
    await until(() => forwarder.counts.forwardedSpans === 1)
    expect(target.taken()).toEqual(['a'])
  })

  it('loses nothing while the target is away, and then sends few large requests in order', async () => {
    const lines = recordLog()
    const port = await freePort()
    const forwarder = await forwarderTo(protocol, { port })
    const names = Array.from({ length: 300 }, (_, n) => `span ${n}`)
    await forwarder.forward(named(names[0]!))
    await until(() => lines.some((line) => line.includes('spans wait')))
    for (const name of names.slice(1)) await forwarder.forward(named(name))
    const target = await startTarget(protocol, { port })
    await until(() => forwarder.counts.forwardedSpans === names.length)
    expect(target.taken()).toEqual(names)
    expect(target.received.length).toBeLessThan(4)
    expect(lines.at(-1)).toMatch(/takes spans again/)
  })

  it('comes back after a target that ended in between', async () => {
    const lines = recordLog()
    const first = await startTarget(protocol, { port: await freePort() })
    const forwarder = await forwarderTo(protocol, first)
    await forwarder.forward(named('a'))
    await until(() => forwarder.counts.forwardedSpans === 1)
    await first.close()
    await forwarder.forward(named('b'))
    await until(() => lines.some((line) => line.includes('spans wait')))
    const second = await startTarget(protocol, { port: first.port })
    await until(() => forwarder.counts.forwardedSpans === 2)
    expect(second.taken()).toEqual(['b'])
  })

  it('drops the oldest past its limit, counts them, and says so once', async () => {
    const lines = recordLog()
    const port = await freePort()
    const queue = { requests: 10 }
    const forwarder = await forwarderTo(protocol, { port }, {}, { queue })
    const names = Array.from({ length: 40 }, (_, n) => `span ${n}`)
    for (const name of names) await forwarder.forward(named(name))
    const target = await startTarget(protocol, { port })
    await until(() => forwarder.counts.queuedSpans === 0)
    expect(forwarder.counts).toMatchObject({ forwardedSpans: 10, droppedSpans: 30 })
    expect(target.taken()).toEqual(names.slice(-10))
    expect(lines.filter((line) => line.includes('too many wait'))).toHaveLength(1)
    expect(lines).toContainEqual(expect.stringContaining('spans were dropped that'))
  })

  it('leaves a target alone for as long as it asks', async () => {
    recordLog()
    const seconds = 1
    const target = await startTarget(protocol, {
      answer: (_, index) => (index === 0 ? { kind: 'throttle', seconds } : take),
    })
    const forwarder = await forwarderTo(protocol, target)
    await forwarder.forward(named('a'))
    await until(() => forwarder.counts.forwardedSpans === 1)
    const [first, second] = target.received
    // A timer may be up to a millisecond early.
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(seconds * 1_000 - 1)
  })

  it('tries again what failed for now, and drops what is refused for good', async () => {
    const lines = recordLog()
    const target = await startTarget(protocol, {
      answer: ({ spans }, index) => {
        if (index < 2) return { kind: 'fail' }
        return spans.includes('bad') ? { kind: 'refuse' } : take
      },
    })
    const forwarder = await forwarderTo(protocol, target)
    await forwarder.forward(named('a'))
    await until(() => forwarder.counts.forwardedSpans === 1)
    await forwarder.forward(named('bad'))
    await until(() => forwarder.counts.refusedSpans === 1)
    await forwarder.forward(named('b'))
    await until(() => forwarder.counts.forwardedSpans === 2)
    expect(target.taken()).toEqual(['a', 'b'])
    expect(target.received).toHaveLength(5)
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/spans wait for .*overloaded/),
      expect.stringMatching(/takes spans again/),
      expect.stringMatching(/refuses spans: .*not what we like/),
      expect.stringMatching(/takes spans again/),
    ])
  })

  it('counts what is rejected in part, and says why', async () => {
    const lines = recordLog()
    const partial = { rejectedSpans: 1, message: 'too old' }
    const target = await startTarget(protocol, { answer: () => ({ kind: 'take', partial }) })
    const forwarder = await forwarderTo(protocol, target)
    const two = [span(traceIdOf(1), spanIdOf(1)), span(traceIdOf(1), spanIdOf(2))]
    await forwarder.forward(request('shop', ...two))
    await until(() => forwarder.counts.forwardedSpans === 1)
    expect(forwarder.counts).toMatchObject({ refusedSpans: 1, queuedSpans: 0 })
    expect(lines.at(-1)).toMatch(/rejects some spans: too old/)
    expect(target.received).toHaveLength(1)
  })

  it('gives up an attempt that takes too long, and tries again', async () => {
    recordLog()
    const target = await startTarget(protocol, {
      answer: (_, index) => (index === 0 ? { kind: 'hang' } : take),
    })
    const forwarder = await forwarderTo(protocol, target, { OTEL_EXPORTER_OTLP_TIMEOUT: '200' })
    await forwarder.forward(named('a'))
    await until(() => forwarder.counts.forwardedSpans === 1)
    expect(target.taken()).toEqual(['a'])
  })

  it('sends what waits before it closes', async () => {
    recordLog()
    const target = await startTarget(protocol)
    const forwarder = await forwarderTo(protocol, target, {}, { closeMs: 10_000 })
    await forwarder.forward(named('a'))
    await forwarder.forward(named('b'))
    await forwarder.close()
    expect(target.taken()).toEqual(['a', 'b'])
  })

  it('closes in bounded time where the target hangs, and sends the rest after a start', async () => {
    const lines = recordLog()
    const dataDir = temporaryFolder()
    const target = await startTarget(protocol, {
      answer: (_, index) => (index === 0 ? { kind: 'hang' } : take),
    })
    const forwarder = await forwarderTo(protocol, target, {}, { dataDir })
    await forwarder.forward(named('a'))
    await until(() => target.received.length === 1)
    await forwarder.forward(named('b'))
    await forwarder.close()
    expect(forwarder.counts).toMatchObject({ droppedSpans: 0, queuedSpans: 2 })
    expect(lines).toContainEqual(expect.stringMatching(/2 spans wait on disk for /))

    const next = await forwarderTo(protocol, target, {}, { dataDir })
    await until(() => next.counts.forwardedSpans === 2)
    expect(target.taken()).toEqual(['a', 'b'])
  })

  it('waits for a batch, and no longer than it is told to', async () => {
    recordLog()
    const target = await startTarget(protocol)
    const batch = { timeoutMs: 60_000, sendBatchSize: 3, sendBatchMaxSize: 4 }
    const forwarder = await forwarderTo(protocol, target, {}, { batch })
    for (const name of ['a', 'b']) await forwarder.forward(named(name))
    expect(forwarder.counts).toMatchObject({ queuedSpans: 2, forwardedSpans: 0 })
    await forwarder.forward(named('c'))
    await until(() => forwarder.counts.forwardedSpans === 3)
    expect(target.received.map(({ spans }) => spans)).toEqual([['a', 'b', 'c']])
    await forwarder.close()

    const soon = { ...batch, timeoutMs: 1 }
    const other = await forwarderTo(protocol, target, {}, { batch: soon })
    await other.forward(named('d'))
    await until(() => other.counts.forwardedSpans === 1)
  })

  it('drops what was tried for as long as it may be, and goes on with the next', async () => {
    const lines = recordLog()
    const target = await startTarget(protocol, {
      answer: ({ spans }) => (spans.includes('bad') ? { kind: 'fail' } : take),
    })
    const retry = { ...defaultRetry, initialIntervalMs: 1, maxElapsedTimeMs: 20 }
    const forwarder = await forwarderTo(protocol, target, {}, { retry })
    await forwarder.forward(named('bad'))
    await until(() => forwarder.counts.droppedSpans === 1)
    await forwarder.forward(named('good'))
    await until(() => forwarder.counts.forwardedSpans === 1)
    expect(target.received.length).toBeGreaterThan(2)
    expect(lines).toContainEqual(expect.stringMatching(/was tried for long enough: .*overloaded/))
  })
})

describe('several targets', () => {
  it('each get everything at their own pace, and one that is away costs the others nothing', async () => {
    recordLog()
    const dataDir = temporaryFolder()
    const store = new TraceStore(dataDir)
    const away = await freePort()
    const here = await startTarget('http/protobuf')
    const settingsTo = (protocol: Protocol, port: number) => ({
      id: protocol,
      forward: readForwardSettings(environment(protocol, port))!,
    })
    const exporters = [settingsTo('grpc', away), settingsTo('http/protobuf', here.port)]
    const options = { dataDir, ownPorts: [], closeMs: 50 }
    const forwarders = await startForwarders(exporters, store, options)
    onTestFinished(async () => {
      await Promise.all(forwarders.map((forwarder) => forwarder.close()))
      store.close()
    })
    const consumer = storeAndForward(store, forwarders)
    await consumer.consumeTraces({ receiver: 'otlp-grpc', payload: named('a') })
    await until(() => forwarders[1]!.counts.forwardedSpans === 1)
    expect(forwarders[0]!.counts).toMatchObject({ queuedSpans: 1, forwardedSpans: 0 })
    const back = await startTarget('grpc', { port: away })
    await until(() => forwarders[0]!.counts.forwardedSpans === 1)
    expect(back.taken()).toEqual(['a'])
  })

  it('lose their place when they are not named any more', async () => {
    recordLog()
    const dataDir = temporaryFolder()
    const port = await freePort()
    const first = await forwarderTo('grpc', { port }, {}, { dataDir })
    await first.forward(named('a'))
    await first.close()
    const store = new TraceStore(dataDir)
    await startForwarders([], store, { dataDir, ownPorts: [] })
    store.close()
    const again = await forwarderTo('grpc', { port }, {}, { dataDir })
    expect(again.counts.queuedSpans).toBe(0)
  })
})

describe('a loop', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', '0.0.0.0'])(
    'to this collector as %s is not entered, and said',
    async (host) => {
      const lines = recordLog()
      const forward = readForwardSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://${host}:4318` })!
      const dataDir = temporaryFolder()
      const store = new TraceStore(dataDir)
      onTestFinished(() => store.close())
      const options = { dataDir, ownPorts: [4317, 4318] }
      expect(await startForwarders([{ id: 'it', forward }], store, options)).toEqual([])
      expect(lines).toEqual([
        expect.stringMatching(/it is this collector itself .*nothing is forwarded/),
      ])
    },
  )

  it('by a way that no address shows ends with what comes back', async () => {
    const lines = recordLog()
    const round: { forwarder?: TestForwarder } = {}
    // It answers when it has been told what became of what it sent back: not at all, the first time.
    const target = await startTarget('http/protobuf', {
      answer: (_, index) => {
        if (index > 0) return take
        void round.forwarder!.forward(named('a'))
        return { kind: 'hang' }
      },
    })
    const env = { OTEL_EXPORTER_OTLP_TIMEOUT: '200' }
    round.forwarder = await forwarderTo('http/protobuf', target, env)
    await round.forwarder.forward(named('a'))
    await until(() => round.forwarder!.counts.forwardedSpans === 1)
    await round.forwarder.close()
    expect(target.taken()).toEqual(['a'])
    expect(lines).toContainEqual(expect.stringContaining('lead back here?'))
  })
})

it('outlives a disk that cannot be read, and says so', async () => {
  const lines = recordLog()
  const target = await startTarget('grpc')
  const store = new TraceStore(temporaryFolder())
  const [failed, failing] = [new Error('EIO'), { isOver: false }]
  const broken = {
    get start() {
      return store.start
    },
    get end() {
      return store.end
    },
    positionOf: (cursor: number) => store.positionOf(cursor),
    cursorOf: (position: string) => store.cursorOf(position),
    requestsAfter: (after: number, bytes: number) => {
      if (!failing.isOver) throw failed
      return store.requestsAfter(after, bytes)
    },
  }
  const settings = readForwardSettings(environment('grpc', target.port))!
  const forwarder = new Forwarder(grpcTarget(settings), broken)
  const consumer = storeAndForward(store, [forwarder])
  await consumer.consumeTraces({ receiver: 'otlp-grpc', payload: named('a') })
  await until(() => lines.some((line) => line.includes('cannot be read: Error: EIO')))
  failing.isOver = true
  await forwarder.close()
  expect(target.taken()).toEqual(['a'])
  store.close()
})

describe('storing and forwarding', () => {
  const stored = { acceptedSpans: 1, rejectedSpans: 0, message: '' }

  it('answers by the store alone: a target that hangs holds nobody up', async () => {
    recordLog()
    const target = await startTarget('grpc', { answer: () => ({ kind: 'hang' }) })
    const forwarder = await forwarderTo('grpc', target)
    const outcomes = Array.from({ length: 5 }, (_, n) =>
      forwarder.consumeTraces({ receiver: 'otlp-grpc', payload: named(`span ${n}`) }),
    )
    expect(await Promise.all(outcomes)).toEqual(Array(5).fill(stored))
    expect(forwarder.counts).toMatchObject({ queuedSpans: 5, forwardedSpans: 0 })
  })

  it('forwards nothing that was not stored', async () => {
    recordLog()
    const target = await startTarget('grpc')
    const forwarder = await forwarderTo('grpc', target)
    const malformed = Buffer.from('no request')
    const consumed = forwarder.consumeTraces({ receiver: 'otlp-grpc', payload: malformed })
    await expect(consumed).rejects.toThrow(MalformedError)
    const withoutId = request('shop', span('', spanIdOf(1)))
    const refused = await forwarder.consumeTraces({ receiver: 'otlp-grpc', payload: withoutId })
    expect(refused).toMatchObject({ acceptedSpans: 0, rejectedSpans: 1 })
    await forwarder.forward(named('a'))
    await until(() => forwarder.counts.forwardedSpans === 1)
    expect(target.received.map(({ spans }) => spans)).toEqual([['a']])
    expect(forwarder.counts).toMatchObject({ queuedSpans: 0, droppedSpans: 0 })
  })
})
