import { readSpans, type Span, type TracesData } from '@pingtrace/otlp'
import { expect, test } from 'vitest'
import { Chance, ChaoticService, VirtualClock, work } from './chaos.test-support.ts'
import { settle } from './completeness/settle.ts'
import type { Verdict } from './verdict.ts'

// Services that drop, delay, reorder and double what they export, so often that a verdict that is wrong
// once in a thousand times would be seen. Each trace knows what it should have been.

const TRACES = 3_000

const ownId = 'ffffffffffffffff'
const traceId = '0af7651916cd43dd8448eb211c80319c'
const names = ['shop', 'stock', 'mail']
const instrumented = new Set(names.map((_, at) => `localhost:${20_001 + at}`))

interface Outcome {
  verdict: Verdict
  /** What was there when the verdict was given. */
  spans: readonly Span[]
  /** All that was ever started. */
  started: Set<string>
  lost: number
}

async function live(seed: number): Promise<Outcome> {
  const clock = new VirtualClock()
  const chance = new Chance(seed, clock)
  // In every third world one service tells nobody what it does.
  const silent = seed % 3 === 0 ? Math.floor(chance.next() * names.length) : -1
  const stored: TracesData = { resourceSpans: [] }
  const services = names.map((name, at) => {
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: name } }] }
    const post = async (spans: object[]) => {
      await chance.wait(2)
      stored.resourceSpans?.push({ resource, scopeSpans: [{ spans }] })
      await chance.wait(2)
    }
    const nature = { name, port: 20_001 + at, tells: at !== silent }
    return new ChaoticService(nature, traceId, chance, post)
  })

  let spans: Span[] = []
  const ask = async () => {
    const flushed = services.map(async ({ nature, flush }) => {
      return { name: nature.name, report: nature.tells ? await flush() : undefined }
    })
    const reports = await Promise.all(flushed)
    return { traceIds: [traceId], reports, busy: [], untold: undefined }
  }
  const read = async () => {
    await chance.wait(2)
    spans = readSpans(stored)
    await chance.wait(2)
    return spans
  }
  const options = { ownIds: new Set([ownId]), instrumented, quietMs: { exact: 0, visible: 100 } }
  const act = async () => {
    const caused = work(services[0]!, ownId, services, chance)
    // Some actions are over long before what they caused.
    await (chance.is(0.3) ? chance.wait(3) : caused)
    const verdict = await settle({ ask, read }, options, 1_000, clock)
    const seen = spans
    await caused
    return { verdict, spans: seen }
  }
  const judged = await clock.run(act())
  const started = new Set(services.flatMap((service) => service.started))
  return { ...judged, started, lost: services.reduce((sum, { lost }) => sum + lost, 0) }
}

/** Why a verdict is wrong; undefined for a right one. */
function wrongIn({ verdict, spans, started, lost }: Outcome): string | undefined {
  const has = new Set(spans.map(({ spanId }) => spanId))
  const isWhole = has.size === started.size && [...started].every((id) => has.has(id))
  if (verdict.kind === 'exact') return isWhole ? undefined : 'exact, and not whole'
  if (verdict.kind === 'incomplete')
    return lost > 0 ? undefined : 'incomplete, and nothing was lost'
  const gap = spans.find(({ parentSpanId = '', spanId, kind, attributes }) => {
    const isOrphan = !has.has(parentSpanId) && parentSpanId !== ownId
    const isAnswered = kind === 'client' && attributes['http.response.status_code'] !== undefined
    return isOrphan || (isAnswered && !spans.some((span) => span.parentSpanId === spanId))
  })
  return gap && 'complete as far as visible, with a gap that is visible'
}

test(`no verdict is wrong in ${TRACES} traces that arrive as badly as they can`, async () => {
  const wrong: string[] = []
  const counts = { exact: 0, visible: 0, incomplete: 0 }
  let short = 0
  for (let seed = 1; seed <= TRACES; seed++) {
    const outcome = await live(seed)
    const { verdict, spans, started } = outcome
    counts[verdict.kind]++
    const why = wrongIn(outcome)
    if (why !== undefined) wrong.push(`${seed}: ${why}`)
    if (verdict.kind === 'visible' && spans.length < started.size) short++
  }
  console.log(`${TRACES} traces, ${wrong.length} wrong verdicts:`, counts, `${short} leaves unseen`)
  expect(wrong).toEqual([])
  // There was something of each kind to be wrong about.
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(TRACES / 50)
}, 300_000)
