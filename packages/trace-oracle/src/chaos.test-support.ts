import type { OtlpSpan } from '@pingtrace/otlp'
import type { Clock } from './completeness/settle.ts'
import type { FlushReport } from './flush-report.ts'

/** A clock on which nothing takes time but waiting: what would take an hour takes seconds. */
export class VirtualClock implements Clock {
  #now = 0
  readonly #waiting: { until: number; resolve: () => void }[] = []

  now = (): number => this.#now

  wait = (ms: number): Promise<void> => {
    const until = this.#now + ms
    return new Promise((resolve) => {
      const later = this.#waiting.findIndex((other) => other.until > until)
      this.#waiting.splice(later === -1 ? this.#waiting.length : later, 0, { until, resolve })
    })
  }

  /** Lets the time go on until `work` is over. */
  async run<Value>(work: Promise<Value>): Promise<Value> {
    let isOver = false
    const over = () => {
      isOver = true
    }
    work.then(over, over)
    for (;;) {
      // All that can go on without waiting does so before this is called.
      await new Promise((resolve) => setImmediate(resolve))
      if (isOver) return work
      const next = this.#waiting.shift()
      if (next === undefined) throw new Error('everybody waits for nothing')
      this.#now = next.until
      next.resolve()
    }
  }
}

/** Chance that repeats itself (mulberry32), and the time that it takes. */
export class Chance {
  readonly #clock: Clock
  #state: number

  constructor(seed: number, clock: Clock) {
    this.#state = seed
    this.#clock = clock
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  /** True so often. */
  is(probability: number): boolean {
    return this.next() < probability
  }

  /** Waits up to so many milliseconds. */
  wait(most: number): Promise<unknown> {
    return this.#clock.wait(this.next() * most)
  }

  id(): string {
    return Array.from({ length: 16 }, () => Math.floor(this.next() * 16).toString(16)).join('')
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, key: this.next() }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item)
  }
}

export interface ServiceNature {
  name: string
  port: number
  /** Whether it has a flush hook; one without may lose spans and tell nobody. */
  tells: boolean
}

type Post = (spans: OtlpSpan[]) => Promise<void>

/**
 * A service in one trace: it makes spans and exports them as badly as it can. Batches are torn,
 * overtake each other, come twice, late, or never.
 */
export class ChaoticService {
  readonly nature: ServiceNature
  /** Ids of all spans that it ever started, and of those that were lost on their way. */
  readonly started: string[] = []
  lost = 0
  readonly #traceId: string
  readonly #chance: Chance
  readonly #post: Post
  readonly #fates = { exported: [] as string[], dropped: 0, open: 0 }
  #queue: OtlpSpan[] = []
  #sending = new Set<Promise<void>>()

  constructor(nature: ServiceNature, traceId: string, chance: Chance, post: Post) {
    this.nature = nature
    this.#traceId = traceId
    this.#chance = chance
    this.#post = post
  }

  /** @returns what ends the span */
  start(name: string, kind: number, parentSpanId: string, call?: ServiceNature) {
    const spanId = this.#chance.id()
    this.started.push(spanId)
    this.#fates.open++
    const end = (status?: number) => {
      const attributes = [
        ...(call ? [text('server.address', 'localhost'), int('server.port', call.port)] : []),
        ...(status === undefined ? [] : [int('http.response.status_code', status)]),
      ]
      this.#queue.push({ traceId: this.#traceId, spanId, parentSpanId, name, kind, attributes })
      // A timer of its own, as a batch processor has; where nobody else asks for spans, always.
      if (!this.nature.tells || this.#chance.is(0.5))
        void this.#chance.wait(15).then(() => this.#sendAll())
    }
    return { spanId, end }
  }

  /** The hook: everything that has ended leaves; it tells when all of that has its fate, or sooner. */
  flush = async (): Promise<FlushReport | undefined> => {
    await this.#chance.wait(this.#chance.is(0.3) ? 30 : 3)
    this.#sendAll()
    const sent = Promise.all(this.#sending)
    await (this.#chance.is(0.1) ? Promise.race([sent, this.#chance.wait(4)]) : sent)
    if (this.#chance.is(0.02)) return undefined
    const traces = structuredClone({ [this.#traceId]: this.#fates })
    await this.#chance.wait(this.#chance.is(0.3) ? 30 : 3)
    return { traces }
  }

  #sendAll(): void {
    const spans = this.#chance.shuffled(this.#queue)
    this.#queue = []
    while (spans.length > 0) {
      const batch = spans.splice(0, 1 + Math.floor(this.#chance.next() * 3))
      const sending = this.#send(batch).finally(() => this.#sending.delete(sending))
      this.#sending.add(sending)
    }
  }

  async #send(batch: OtlpSpan[]): Promise<void> {
    await this.#chance.wait(this.#chance.is(0.1) ? 40 : 8)
    const isLost = this.#chance.is(0.02)
    if (!isLost) await this.#post(batch)
    if (this.#chance.is(0.05) && !isLost) await this.#post(batch)
    await this.#chance.wait(2)
    this.#fates.open -= batch.length
    if (isLost) {
      this.lost += batch.length
      this.#fates.dropped += batch.length
    } else {
      this.#fates.exported.push(...batch.map(({ spanId }) => spanId!))
    }
  }
}

/** What services do to each other: calls, work on the side, calls that are given up. */
export async function work(
  at: ChaoticService,
  parentSpanId: string,
  others: readonly ChaoticService[],
  chance: Chance,
  depth = 0,
): Promise<void> {
  const span = at.start('serve', 2, parentSpanId)
  const aside: Promise<void>[] = []
  await chance.wait(4)
  for (let step = 0; step < 3 && depth < 3; step++) {
    if (chance.is(0.4)) {
      const inner = at.start('compute', 1, span.spanId)
      await chance.wait(3)
      inner.end()
    }
    const callee = others[Math.floor(chance.next() * others.length)]
    if (callee !== undefined && chance.is(0.5)) {
      const call = async () => {
        // Not every caller makes a span of its call.
        if (chance.is(0.4)) return work(callee, span.spanId, others, chance, depth + 1)
        const client = at.start('call', 3, span.spanId, callee.nature)
        // Given up before the other side may even have begun.
        const isGivenUp = chance.is(0.1)
        const answer = chance
          .wait(isGivenUp ? 20 : 3)
          .then(() => work(callee, client.spanId, others, chance, depth + 1))
        if (isGivenUp) {
          await chance.wait(10)
          client.end()
        }
        await answer
        if (!isGivenUp) client.end(200)
      }
      // On the side: begun while this span runs, and perhaps over long after it.
      if (chance.is(0.4)) aside.push(call())
      else await call()
    }
  }
  span.end()
  await Promise.all(aside)
}

function text(key: string, stringValue: string) {
  return { key, value: { stringValue } }
}

function int(key: string, value: number) {
  return { key, value: { intValue: String(value) } }
}
