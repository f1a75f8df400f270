import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { protobufRequests } from '../collector/bench/requests.ts'

/** Of a request: a few traces, as an SDK's batch has them. */
const batch = 100

/** What was sent until it was told to stop. */
export interface PacedResult {
  spans: number
  errors: number
  seconds: number
}

/** Requests that may be under way at a time: each waits for its answer. */
const connections = 4

/**
 * Sends spans that nobody has seen at a steady rate, until the parent process says stop. A machine
 * that is too slow for it gets fewer: the result says how many.
 */
async function load(url: string, spansPerSecond: number): Promise<PacedResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const result: PacedResult = { spans: 0, errors: 0, seconds: 0 }
  let stopped = false
  process.once('message', () => {
    stopped = true
  })
  const began = performance.now()
  const loop = async (): Promise<void> => {
    const make = protobufRequests(batch)
    for (let sent = 0; !stopped; sent += batch * connections) {
      const wait = began + (sent * 1_000) / spansPerSecond - performance.now()
      if (wait > 0) await delay(wait)
      if (await post(url, agent, make.next())) result.spans += batch
      else result.errors++
    }
  }
  await Promise.all(Array.from({ length: connections }, loop))
  result.seconds = (performance.now() - began) / 1_000
  agent.destroy()
  return result
}

function post(url: string, agent: Agent, body: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length }
    const outgoing = request(url, { method: 'POST', agent, headers }, (response) => {
      response.on('end', () => resolve(response.statusCode === 200)).resume()
    })
    outgoing.on('error', () => resolve(false)).end(body)
  })
}

const [url = '', rate] = process.argv.slice(2)
process.send?.(await load(url, Number(rate)))
process.disconnect?.()
