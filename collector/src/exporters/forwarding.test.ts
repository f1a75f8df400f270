import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { request, span, spanIdOf, traceIdOf } from '../testing.ts'
import type { Forwarder, ForwarderOptions } from './forwarder.ts'
import { startForwarder, storeAndForward } from './forwarding.ts'
import {
  certificate,
  environment,
  freePort,
  type Protocol,
  recordLog,
  startTarget,
  type TestTarget,
  token,
  until,
} from './otlp-target.test-support.ts'
import { readForwardSettings } from './settings.ts'

/** A forwarder that these variables ask for; closed after the test. */
async function forwarderTo(
  protocol: Protocol,
  { port }: Pick<TestTarget, 'port'>,
  env: Record<string, string> = {},
  options: ForwarderOptions = {},
): Promise<Forwarder> {
  const settings = readForwardSettings({ ...environment(protocol, port), ...env })!
  const forwarder = (await startForwarder(settings, [], { closeMs: 50, ...options }))!
  onTestFinished(() => forwarder.close())
  return forwarder
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
    forwarder.forward(named('a'), 1)
    await until(() => forwarder.counts.forwardedSpans === 1)
    expect(target.taken()).toEqual(['a'])
    expect(forwarder.counts).toMatchObject({ queuedSpans: 0, queuedBytes: 0, droppedSpans: 0 })
    expect(lines).toEqual([`collector: forwards to ${forwarder.counts.target}`])
    expect(forwarder.counts.target).not.toContain(token)
  })

  it('compresses where it is told to', async () => {
    recordLog()
    const target = await startTarget(protocol)
    const forwarder = await forwarderTo(protocol, target, {
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    })
    forwarder.forward(named('a', 5_000), 1)
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
      forwarder.forward(named('a'), 1)
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
    forwarder.forward(named('a'), 1)
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
    forwarder.forward(named('a'), 1)
    await until(() => forwarder.counts.forwardedSpans === 1)
    expect(target.taken()).toEqual(['a'])
  })

  it('loses nothing while the target is away, and then sends few large requests in order', async () => {
    const lines = recordLog()
    const port = await freePort(protocol)
    const forwarder = await forwarderTo(protocol, { port })
    const names = Array.from({ length: 300 }, (_, n) => `span ${n}`)
    forwarder.forward(named(names[0]!), 1)
    await until(() => lines.some((line) => line.includes('spans wait')))
    for (const name of names.slice(1)) forwarder.forward(named(name), 1)
    const target = await startTarget(protocol, { port })
    await until(() => forwarder.counts.forwardedSpans === names.length)
    expect(target.taken()).toEqual(names)
    expect(target.received.length).toBeLessThan(4)
    expect(lines.at(-1)).toMatch(/takes spans again/)
  })

  it('comes back after a target that ended in between', async () => {
    const lines = recordLog()
    const first = await startTarget(protocol)
    const forwarder = await forwarderTo(protocol, first)
    forwarder.forward(named('a'), 1)
    await until(() => forwarder.counts.forwardedSpans === 1)
    await first.close()
    forwarder.forward(named('b'), 1)
    await until(() => lines.some((line) => line.includes('spans wait')))
    const second = await startTarget(protocol, { port: first.port })
    await until(() => forwarder.counts.forwardedSpans === 2)
    expect(second.taken()).toEqual(['b'])
  })

  it('drops the oldest past its memory, counts them, and says so once', async () => {
    const lines = recordLog()
    const port = await freePort(protocol)
    const forwarder = await forwarderTo(protocol, { port }, {}, { maxQueueBytes: 10_000 })
    const names = Array.from({ length: 40 }, (_, n) => `span ${n}`)
    for (const name of names) forwarder.forward(named(name, 500), 1)
    const target = await startTarget(protocol, { port })
    await until(() => forwarder.counts.queuedSpans === 0)
    const { forwardedSpans, droppedSpans } = forwarder.counts
    expect(forwardedSpans + droppedSpans).toBe(names.length)
    // Less what each span costs besides its padding, 10,000 bytes hold more than 10 of 500 bytes.
    expect(forwardedSpans).toBeGreaterThan(10)
    expect(forwardedSpans).toBeLessThan(20)
    // The first was already on its way.
    expect(target.taken()).toEqual([names[0], ...names.slice(1 - forwardedSpans)])
    expect(lines.filter((line) => line.includes('queue is full'))).toHaveLength(1)
    expect(lines).toContainEqual(expect.stringContaining(`${droppedSpans} spans were dropped`))
  })

  it('leaves a target alone for as long as it asks', async () => {
    recordLog()
    const seconds = 1
    const target = await startTarget(protocol, {
      answer: (_, index) => (index === 0 ? { kind: 'throttle', seconds } : take),
    })
    const forwarder = await forwarderTo(protocol, target)
    forwarder.forward(named('a'), 1)
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
    forwarder.forward(named('a'), 1)
    await until(() => forwarder.counts.forwardedSpans === 1)
    forwarder.forward(named('bad'), 1)
    await until(() => forwarder.counts.refusedSpans === 1)
    forwarder.forward(named('b'), 1)
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
    forwarder.forward(request('shop', ...two), 2)
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
    forwarder.forward(named('a'), 1)
    await until(() => forwarder.counts.forwardedSpans === 1)
    expect(target.taken()).toEqual(['a'])
  })

  it('sends what waits before it closes', async () => {
    recordLog()
    const target = await startTarget(protocol)
    const forwarder = await forwarderTo(protocol, target, {}, { closeMs: 10_000 })
    forwarder.forward(named('a'), 1)
    forwarder.forward(named('b'), 1)
    await forwarder.close()
    expect(target.taken()).toEqual(['a', 'b'])
  })

  it('closes in bounded time where the target hangs, and counts what is lost', async () => {
    const lines = recordLog()
    const target = await startTarget(protocol, { answer: () => ({ kind: 'hang' }) })
    const forwarder = await forwarderTo(protocol, target)
    forwarder.forward(named('a'), 1)
    await until(() => target.received.length === 1)
    forwarder.forward(named('b'), 1)
    await forwarder.close()
    expect(forwarder.counts).toMatchObject({ droppedSpans: 2, queuedSpans: 0 })
    expect(lines).toContainEqual(expect.stringMatching(/did not take 2 spans before the end/))
  })
})

describe('a loop', () => {
  it.each(['localhost', '127.0.0.1', '[::1]', '0.0.0.0'])(
    'to this collector as %s is not entered, and said',
    async (host) => {
      const lines = recordLog()
      const settings = readForwardSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://${host}:4318` })!
      expect(await startForwarder(settings, [4317, 4318])).toBeUndefined()
      expect(lines).toEqual([expect.stringMatching(/this collector itself .*nothing is forwarded/)])
    },
  )

  it('by a way that no address shows ends with what comes back', async () => {
    const lines = recordLog()
    const round: { forwarder?: Forwarder } = {}
    const target = await startTarget('http/protobuf', {
      answer: () => {
        round.forwarder!.forward(named('a'), 1)
        return take
      },
    })
    round.forwarder = await forwarderTo('http/protobuf', target)
    round.forwarder.forward(named('a'), 1)
    await until(() => round.forwarder!.counts.forwardedSpans === 1)
    await round.forwarder.close()
    expect(target.received).toHaveLength(1)
    expect(lines).toContainEqual(expect.stringContaining('lead back here?'))
  })
})

describe('storing and forwarding', () => {
  const stored = { acceptedSpans: 1, rejectedSpans: 0, message: '' }
  const payload = named('a')

  it('answers by the store alone: a target that hangs holds nobody up', async () => {
    recordLog()
    const target = await startTarget('grpc', { answer: () => ({ kind: 'hang' }) })
    const forwarder = await forwarderTo('grpc', target)
    const consumer = storeAndForward({ consumeTraces: async () => stored }, forwarder)
    const outcomes = Array.from({ length: 5 }, (_, n) =>
      consumer.consumeTraces({ receiver: 'otlp-grpc', payload: named(`span ${n}`) }),
    )
    expect(await Promise.all(outcomes)).toEqual(Array(5).fill(stored))
    expect(forwarder.counts).toMatchObject({ queuedSpans: 5, forwardedSpans: 0 })
  })

  it('forwards nothing that was not stored', async () => {
    recordLog()
    const target = await startTarget('grpc')
    const forwarder = await forwarderTo('grpc', target)
    const failing = storeAndForward(
      { consumeTraces: () => Promise.reject(new Error('disk full')) },
      forwarder,
    )
    const refusing = storeAndForward(
      { consumeTraces: async () => ({ ...stored, acceptedSpans: 0 }) },
      forwarder,
    )
    await expect(failing.consumeTraces({ receiver: 'otlp-grpc', payload })).rejects.toThrow('disk')
    await refusing.consumeTraces({ receiver: 'otlp-grpc', payload })
    await turn()
    expect(forwarder.counts).toMatchObject({ queuedSpans: 0, forwardedSpans: 0 })
  })
})
