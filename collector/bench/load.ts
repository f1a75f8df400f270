import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Client, credentials } from '@grpc/grpc-js'
import { jsonRequests, protobufRequests } from './requests.ts'

/** How requests travel, in the words of the table. */
export type Transport = 'HTTP protobuf' | 'HTTP JSON' | 'HTTP gzip' | 'gRPC'

export interface LoadOptions {
  transport: Transport
  /** `host:port`. */
  target: string
  /** Spans in a request. */
  batch: number
  /** Requests that are under way at a time, each on a connection of its own (gRPC: one for all). */
  connections: number
  seconds: number
  /** Requests a second, of all connections together; as many as are answered when left out. */
  rate?: number
}

/** What a process is asked for, and answers with. */
export interface LoadTask {
  id: number
  options: LoadOptions
}

export interface LoadResult {
  /** Spans whose request was answered with success. */
  spans: number
  errors: number
  seconds: number
  /**
   * Milliseconds of each request: from its first byte to the end of the answer, or with a `rate` from
   * the moment when it was due, so that a server that stalls cannot hide what had to wait for it.
   */
  latencies: number[]
}

const compress = promisify(gzip)

/** A closed loop: each connection sends the next request when the answer to the last is there. */
async function load(options: LoadOptions): Promise<LoadResult> {
  const { connections, seconds, rate } = options
  const sender = senderOf(options)
  const result: LoadResult = { spans: 0, errors: 0, seconds, latencies: [] }
  const began = performance.now()
  const until = began + seconds * 1_000
  let sent = 0
  const loop = async () => {
    const make = makerOf(options)
    for (;;) {
      let from = performance.now()
      if (rate !== undefined) {
        const due = began + (1_000 * sent++) / rate
        if (due > from) await delay(due - from)
        from = due
      }
      if (from >= until) return
      try {
        await sender.send(make.next())
        result.spans += make.spans
        result.latencies.push(performance.now() - from)
      } catch {
        result.errors++
      }
    }
  }
  await Promise.all(Array.from({ length: connections }, loop))
  result.seconds = (performance.now() - began) / 1_000
  sender.close()
  return result
}

function makerOf({ transport, batch }: LoadOptions) {
  return transport === 'HTTP JSON' ? jsonRequests(batch) : protobufRequests(batch)
}

interface Sender {
  /** Resolves when the request is answered with success. */
  send(body: Buffer): Promise<void>
  close(): void
}

function senderOf({ transport, target, connections }: LoadOptions): Sender {
  if (transport === 'gRPC') return grpcSender(target)
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const url = `http://${target}/v1/traces`
  const type = transport === 'HTTP JSON' ? 'application/json' : 'application/x-protobuf'
  const close = () => agent.destroy()
  if (transport !== 'HTTP gzip') {
    return { send: (body) => post(url, agent, { 'content-type': type }, body), close }
  }
  const headers = { 'content-type': type, 'content-encoding': 'gzip' }
  return {
    // Level 1: the load must not be what is slow; the receiver's work is nearly the same.
    send: async (body) => post(url, agent, headers, await compress(body, { level: 1 })),
    close,
  }
}

function post(
  url: string,
  agent: Agent,
  headers: Record<string, string>,
  body: Buffer,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': body.length },
    }
    const outgoing = request(url, options, (response) => {
      response.on('error', reject).on('end', () => {
        if (response.statusCode === 200) resolve()
        else reject(new Error(`status ${response.statusCode}`))
      })
      response.resume()
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function grpcSender(target: string): Sender {
  const client = new Client(target, credentials.createInsecure())
  const identity = (bytes: Buffer) => bytes
  const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  return {
    send: (body) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(method, identity, identity, body, (error) =>
          error === null ? resolve() : reject(error),
        )
      }),
    close: () => client.close(),
  }
}

process.on('message', async ({ id, options }: LoadTask) => {
  process.send?.({ id, result: await load(options) })
})
process.on('disconnect', () => process.exit())
