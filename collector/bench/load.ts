import { Agent, request } from 'node:http'
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
}

export interface LoadResult {
  /** Spans whose request was answered with success. */
  spans: number
  errors: number
  seconds: number
  /** Of each request, from its first byte to the end of the answer. */
  latencies: number[]
}

const compress = promisify(gzip)

/** A closed loop: each connection sends the next request when the answer to the last is there. */
async function load(options: LoadOptions): Promise<LoadResult> {
  const { connections, seconds } = options
  const send = senderOf(options)
  const result: LoadResult = { spans: 0, errors: 0, seconds, latencies: [] }
  const began = performance.now()
  const until = began + seconds * 1_000
  const loop = async () => {
    const make = makerOf(options)
    while (performance.now() < until) {
      const body = make.next()
      const sent = performance.now()
      try {
        await send(body)
        result.spans += make.spans
        result.latencies.push(performance.now() - sent)
      } catch {
        result.errors++
      }
    }
  }
  await Promise.all(Array.from({ length: connections }, loop))
  result.seconds = (performance.now() - began) / 1_000
  return result
}

function makerOf({ transport, batch }: LoadOptions) {
  return transport === 'HTTP JSON' ? jsonRequests(batch) : protobufRequests(batch)
}

function senderOf({
  transport,
  target,
  connections,
}: LoadOptions): (body: Buffer) => Promise<void> {
  if (transport === 'gRPC') return grpcSender(target)
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const url = `http://${target}/v1/traces`
  const type = transport === 'HTTP JSON' ? 'application/json' : 'application/x-protobuf'
  if (transport !== 'HTTP gzip') return (body) => post(url, agent, { 'content-type': type }, body)
  const headers = { 'content-type': type, 'content-encoding': 'gzip' }
  // Level 1: the load must not be what is slow; the receiver's work is nearly the same.
  return async (body) => post(url, agent, headers, await compress(body, { level: 1 }))
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

function grpcSender(target: string): (body: Buffer) => Promise<void> {
  const client = new Client(target, credentials.createInsecure())
  const identity = (bytes: Buffer) => bytes
  const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  return (body) =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(method, identity, identity, body, (error) =>
        error === null ? resolve() : reject(error),
      )
    })
}

process.send?.(await load(JSON.parse(process.argv[2] ?? '{}') as LoadOptions))
process.disconnect?.()
process.exit()
