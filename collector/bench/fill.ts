import { Agent, request } from 'node:http'
import { TracesScan } from '../src/otlp/scan.ts'
import type { Peer } from './peers.ts'
import { protobufRequests } from './requests.ts'

const batch = 512
const connections = 8
const agent = new Agent({ keepAlive: true, maxSockets: connections })

export interface Filled {
  /** Of protobuf that was sent. */
  bytes: number
  /** About a hundred traces from all over what was sent. */
  traceIds: string[]
}

/** Sends so many spans that differ in every id, over HTTP. */
export async function fill({ http }: Peer, spans: number): Promise<Filled> {
  const filled: Filled = { bytes: 0, traceIds: [] }
  const every = Math.ceil(spans / batch / 100)
  const scan = new TracesScan()
  let left = spans
  let sent = 0
  const send = async () => {
    const make = protobufRequests(batch)
    while (left > 0) {
      left -= batch
      const body = Buffer.from(make.next())
      filled.bytes += body.length
      if (sent++ % every === 0) {
        scan.scan(body)
        const at = scan.traceIdOffset[0]!
        filled.traceIds.push(body.toString('hex', at, at + 16))
      }
      await post(http, body)
    }
  }
  await Promise.all(Array.from({ length: connections }, send))
  return filled
}

/**
 * Over a few connections that stay open, as a sender has them.
 * @param http `host:port`
 * @throws Error when the answer is anything but success
 */
export function post(http: string, body: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length }
    const options = { method: 'POST', agent, headers }
    const outgoing = request(`http://${http}/v1/traces`, options, (response) => {
      response.on('error', reject).on('end', () => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`a collector answered with status ${response.statusCode}`))
      })
      response.resume()
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
