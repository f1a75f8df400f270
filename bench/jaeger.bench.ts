import { Agent, get } from 'node:http'
import { fill } from '../collector/bench/fill.ts'
import { type Peer, residentMegabytes, startJaeger, startOurs } from '../collector/bench/peers.ts'
import { root } from '../scripts/paths.ts'
import { type Bench, quantile, quick } from './bench.ts'

export const name = 'What Jaeger takes to store and to find the same spans'

const spans = quick ? 50_000 : 1_000_000
const rounds = quick ? 10 : 50
const agent = new Agent({ keepAlive: true })

/** Milliseconds of each query, by its name. */
type Times = Record<string, number[]>

/** The same spans by the same way, the same questions in the words of api/v3, one after the other. */
export const run: Bench['run'] = async (print, figure) => {
  const jaeger = await measure(startJaeger)
  if (jaeger === undefined) {
    print('skipped: there is no Jaeger on PATH, nor at JAEGER (see CONTRIBUTING.md)')
    return
  }
  const ours = (await measure(() => startOurs(root)))!
  const inWords = `${spans.toLocaleString('en')} spans`
  const share = ours.megabytes / jaeger.megabytes
  for (const { label, megabytes } of [ours, jaeger]) {
    print(`${label.padEnd(22)} ${megabytes.toFixed(0)} MB resident with ${inWords}`)
  }
  figure({
    what: `process memory, ${inWords}, beside Jaeger's memory store`,
    value: `${ours.megabytes.toFixed(0)} MB : ${jaeger.megabytes.toFixed(0)} MB, ${(100 * share).toFixed(1)} %`,
    how: 'resident, after both were filled over HTTP',
  })
  for (const kind of Object.keys(ours.times)) {
    for (const { label, times } of [ours, jaeger]) {
      const [p50, p95, p99] = [0.5, 0.95, 0.99].map((q) => ms(times, kind, q))
      print(`${label.padEnd(22)} ${kind.padEnd(24)} p50 ${p50}  p95 ${p95}  p99 ${p99}`)
    }
    figure({
      what: `${kind} over HTTP, beside Jaeger's memory store`,
      value: `p95 ${ms(ours.times, kind, 0.95)} : ${ms(jaeger.times, kind, 0.95)}`,
      how: `api/v3, ${inWords}, ${rounds} times after as many others, idle`,
    })
  }
}

async function measure(start: () => Promise<Peer | undefined>) {
  const peer = await start()
  if (peer === undefined) return undefined
  try {
    const { traceIds } = await fill(peer, spans)
    const megabytes = residentMegabytes(peer.pid) ?? Number.NaN
    return { label: peer.label, megabytes, times: await ask(peer, traceIds) }
  } finally {
    await peer.stop()
  }
}

async function ask({ query }: Peer, traceIds: readonly string[]): Promise<Times> {
  const day = 86_400_000
  const find = (parameters: Record<string, string>) =>
    `/api/v3/traces?${new URLSearchParams({
      'query.startTimeMin': new Date(Date.now() - day).toISOString(),
      'query.startTimeMax': new Date(Date.now() + day).toISOString(),
      'query.searchDepth': '20',
      'query.serviceName': 'checkout',
      ...parameters,
    })}`
  let next = 0
  const kinds: Record<string, () => string> = {
    'trace by id': () => `/api/v3/traces/${traceIds[next++ % traceIds.length]}`,
    'latest of a service': () => find({}),
    'attribute equals': () => find({ 'query.attributes': '{"enduser.pseudo.id":"user-7"}' }),
  }
  const times: Times = {}
  for (const [kind, path] of Object.entries(kinds)) {
    // The first ones find no compiled code, and nothing in any cache.
    for (let round = 0; round < rounds; round++) await read(`http://${query}${path()}`)
    const each: number[] = []
    for (let round = 0; round < rounds; round++) {
      const asked = performance.now()
      await read(`http://${query}${path()}`)
      each.push(performance.now() - asked)
    }
    times[kind] = each
  }
  return times
}

/** @throws Error unless the answer has spans */
function read(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let isFound = false
      response.on('data', (chunk: Buffer) => {
        isFound ||= chunk.includes('resourceSpans')
      })
      response.on('error', reject).on('end', () => {
        if (response.statusCode === 200 && isFound) resolve()
        else reject(new Error(`status ${response.statusCode}, or nothing found, for ${url}`))
      })
    }).on('error', reject)
  })
}

function ms(times: Times, kind: string, q: number): string {
  return `${quantile(times[kind] ?? [], q).toFixed(1)} ms`
}
