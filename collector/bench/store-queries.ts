import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { TracesScan } from '../src/otlp/scan.ts'
import type { TraceQuery } from '../src/store/trace-query.ts'
import { TraceStore } from '../src/store/trace-store.ts'
import { protobufRequests } from './requests.ts'

/** How long each query took, in milliseconds, by its name; in a store of so many spans. */
export interface QueryTimes {
  spans: number
  idle: Record<string, number[]>
  /** From the moment when it was asked, so with the wait for its turn. */
  whileIngesting: Record<string, number[]>
}

export interface StoreTimes {
  queries: QueryTimes[]
  /** Milliseconds that opening the folder took at the last of the sizes. */
  restart: number
}

const spansInRequest = 512
/** Spans a second that arrive while queries are asked. */
const ingestRate = 50_000
/** Milliseconds between two requests of that. */
const ingestPause = (1_000 * spansInRequest) / ingestRate
/** Nothing is to be dropped. */
const retention = { bytes: 2 ** 40, age: Number.MAX_SAFE_INTEGER }

const everything: TraceQuery = {
  service: undefined,
  operation: undefined,
  startMin: 0n,
  startMax: 2n ** 63n,
  durationMin: undefined,
  durationMax: undefined,
  attributes: new Map(),
  limit: 20,
}

const [sizes, rounds] = JSON.parse(process.argv[2]!) as [sizes: number[], rounds: number]
const folder = await mkdtemp(join(tmpdir(), 'pingtrace-bench-'))
try {
  process.send!(await measure())
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measure(): Promise<StoreTimes> {
  const store = new TraceStore(folder, retention)
  const make = protobufRequests(spansInRequest)
  const scan = new TracesScan()
  const ids: string[] = []
  const add = () =>
    store.consumeTraces({ receiver: 'otlp-grpc', payload: Buffer.from(make.next()) })
  const queries: QueryTimes[] = []
  for (const size of sizes) {
    // About a hundred traces from all over the store are asked for.
    const every = Math.ceil(size / spansInRequest / 100)
    for (let n = 0; store.spanCount < size; n++) {
      const payload = Buffer.from(make.next())
      if (n % every === 0) {
        scan.scan(payload)
        const at = scan.traceIdOffset[n % scan.spanCount]!
        ids.push(payload.toString('hex', at, at + 16))
      }
      await store.consumeTraces({ receiver: 'otlp-grpc', payload })
    }
    await store.settled()
    const idle = await ask(store, ids)
    const stop = new AbortController()
    const ingest = (async () => {
      while (!stop.signal.aborted) await Promise.all([add(), delay(ingestPause)])
    })()
    const whileIngesting = await ask(store, ids)
    stop.abort()
    await ingest
    queries.push({ spans: size, idle, whileIngesting })
  }
  await store.settled()
  store.close()
  const began = performance.now()
  const again = new TraceStore(folder, retention)
  const restart = performance.now() - began
  again.close()
  return { queries, restart }
}

async function ask(store: TraceStore, ids: readonly string[]): Promise<Record<string, number[]>> {
  const having = (key: string, value: string) =>
    store.describeTraces({ ...everything, attributes: new Map([[key, value]]) })
  let next = 0
  const kinds: Record<string, () => unknown> = {
    'trace by id': () => store.readTrace(ids[next++ % ids.length]!),
    'latest twenty': () => store.recentTraces(20),
    'latest of a service': () => store.describeTraces({ ...everything, service: 'checkout' }),
    'latest errors': () => having('error', 'true'),
    'attribute equals, none has it': () => having('enduser.pseudo.id', 'nobody'),
    'attribute equals, one of 512 has it': () => having('enduser.pseudo.id', 'user-7'),
  }
  const times: Record<string, number[]> = {}
  for (const [kind, query] of Object.entries(kinds)) {
    times[kind] = []
    for (let round = 0; round < rounds; round++) {
      const asked = performance.now()
      await nextTurn()
      await query()
      times[kind].push(performance.now() - asked)
    }
  }
  return times
}
