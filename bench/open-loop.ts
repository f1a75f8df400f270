import { randomBytes } from 'node:crypto'
import { Agent, get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** What a run of the generator found. */
export interface LoadResult {
  /** Of every answered request: from the moment it was due to the last byte, in milliseconds. */
  latencies: number[]
  /** Requests that failed, or whose status was not 200. */
  errors: number
  /** Requests a second, as they were really sent. */
  rate: number
}

/**
 * Asks `url` at a steady rate, whether or not the answers keep up (an open loop). Latency counts
 * from the moment a request was due, so that a server that stalls cannot hide the requests that
 * had to wait for it ("coordinated omission").
 */
async function load(url: string, rate: number, seconds: number): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true })
  const answers: Promise<number | undefined>[] = []
  const began = performance.now()
  const total = rate * seconds
  while (answers.length < total) {
    const due = began + (answers.length * 1_000) / rate
    const wait = due - performance.now()
    if (wait > 0) await delay(wait)
    answers.push(ask(url, agent, due))
  }
  const sendingMs = performance.now() - began
  const all = await Promise.all(answers)
  agent.destroy()
  const latencies = all.filter((latency) => latency !== undefined)
  return { latencies, errors: total - latencies.length, rate: (total * 1_000) / sendingMs }
}

function ask(url: string, agent: Agent, due: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const failed = () => resolve(undefined)
    const id = randomBytes(24).toString('hex')
    const headers = { traceparent: `00-${id.slice(0, 32)}-${id.slice(32)}-01` }
    get(url, { agent, headers }, (response) => {
      response.on('error', failed).on('end', () => {
        resolve(response.statusCode === 200 ? performance.now() - due : undefined)
      })
      response.resume()
    }).on('error', failed)
  })
}

const [url = '', rate, seconds] = process.argv.slice(2)
process.send?.(await load(url, Number(rate), Number(seconds)))
process.disconnect?.()
