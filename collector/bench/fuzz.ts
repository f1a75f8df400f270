import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync, inflateSync } from 'node:zlib'
import { MalformedError } from '../src/consumer.ts'
import { decodeTraces } from '../src/otlp/decode.ts'
import { transcodeTraces } from '../src/otlp/json-to-protobuf.ts'
import { TracesScan } from '../src/otlp/scan.ts'
import { GrpcError, GrpcMessage } from '../src/receivers/grpc-message.ts'
import { RequestMemory } from '../src/receivers/request-memory.ts'
import type { Recording } from '../test-data/recorder.ts'

/** What one kind of input came to. */
export interface FuzzResult {
  tried: number
  /** Those that were let through, mutated as they were. */
  taken: number
  slowestMs: number
}

export type Kind = 'protobuf' | 'JSON' | 'gRPC framing'

/** A case that took so long is called a hang; a slow machine needs a millisecond. */
const hangMs = 2_000

const folder = new URL('../test-data/recorded/', import.meta.url)

/** The recorded requests of a kind, decompressed but for gRPC, whose framing is what is tried. */
function inputsOf(kind: Kind): Buffer[] {
  const wanted = { protobuf: 'http-protobuf', JSON: 'http-json', 'gRPC framing': 'grpc' }[kind]
  return readdirSync(folder)
    .filter((file) => file.includes(wanted))
    .map((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8')
      const { body, headers } = JSON.parse(text) as Recording
      const bytes = Buffer.from(body, 'base64')
      if (headers['content-encoding'] === 'gzip') return gunzipSync(bytes)
      return headers['content-encoding'] === 'deflate' ? inflateSync(bytes) : bytes
    })
}

/**
 * Mutates recorded requests and gives them to what reads such requests.
 * @param seed the same makes the same cases
 * @throws Error with the case in hex, when one fails otherwise than by a refusal, or takes too long
 */
export async function fuzz(kind: Kind, count: number, seed: number): Promise<FuzzResult> {
  const inputs = inputsOf(kind)
  const random = mulberry32(seed)
  const read = readers[kind]
  const result: FuzzResult = { tried: 0, taken: 0, slowestMs: 0 }
  for (; result.tried < count; result.tried++) {
    const bytes = mutate(inputs, random)
    const began = performance.now()
    try {
      await read(bytes, random)
      result.taken++
    } catch (error) {
      if (!(error instanceof MalformedError || error instanceof GrpcError)) {
        throw new Error(`${kind} fails by ${error} on ${bytes.toString('hex')}`, { cause: error })
      }
    }
    const took = performance.now() - began
    if (took > hangMs) throw new Error(`${kind} takes ${took} ms on ${bytes.toString('hex')}`)
    result.slowestMs = Math.max(result.slowestMs, took)
    // Whoever waits for an answer of this process, such as its terminal, gets a turn.
    if (result.tried % 10_000 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  return result
}

const scan = new TracesScan()

const readers: Record<Kind, (bytes: Buffer, random: () => number) => void | Promise<void>> = {
  protobuf: (bytes) => {
    scan.scan(bytes)
    // Whatever a scan lets through can be decoded, and be said in JSON.
    JSON.stringify(decodeTraces(bytes))
  },
  JSON: (bytes) => scan.scan(transcodeTraces(bytes)),
  'gRPC framing': async (bytes, random) => {
    const held = new RequestMemory(1e9).hold(1e6)
    const message = new GrpcMessage(bytes[0] === 1 ? 'gzip' : 'identity', held)
    const at = Math.floor(random() * bytes.length)
    message.add(bytes.subarray(0, at))
    message.add(bytes.subarray(at))
    scan.scan(await message.read())
  },
}

/** One to four changes, of the kinds that find most: bytes, lengths, repetition, parts of others. */
function mutate(inputs: readonly Buffer[], random: () => number): Buffer {
  const below = (n: number) => Math.floor(random() * n)
  let bytes: Buffer = Buffer.from(inputs[below(inputs.length)]!)
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = below(bytes.length + 1)
    const length = below(Math.min(64, bytes.length - at + 1))
    const [before, part, after] = [
      bytes.subarray(0, at),
      bytes.subarray(at, at + length),
      bytes.subarray(at + length),
    ]
    const other = inputs[below(inputs.length)]!
    const from = below(other.length)
    switch (below(7)) {
      case 0:
        if (at < bytes.length) bytes[at] = below(256)
        break
      case 1:
        if (at < bytes.length) bytes[at]! ^= 1 << below(8)
        break
      case 2:
        bytes = Buffer.concat([before, extremes[below(extremes.length)]!, after])
        break
      case 3:
        bytes = Buffer.concat([before, part, part, after])
        break
      case 4:
        bytes = Buffer.concat([before, after])
        break
      case 5:
        bytes = Buffer.concat([before, other.subarray(from, from + below(256)), after])
        break
      default:
        bytes = Buffer.from(before)
    }
  }
  return bytes
}

/** Varints and texts at the ends of what they may be. */
const extremes = [
  'ffffffff0f',
  'ffffffffffffffffff01',
  'ffffffffffffffffffff01',
  '80808080808080808000',
  '00',
  '7f',
  'eda080',
  'f4908080',
  '5b5b5b5b5b5b5b5b',
  '7b22223a7b22223a',
  '2d302e3165393939',
  '225c75643830302222',
].map((hex) => Buffer.from(hex, 'hex'))

/** A small generator of numbers in [0, 1) whose cases can be had again (Tommy Ettinger, 2017). */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
