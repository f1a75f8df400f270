import { deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TooLargeError } from '../consumer.ts'
import { frame, GrpcError, GrpcMessage } from './grpc-message.ts'
import { RequestMemory } from './request-memory.ts'

const maxBytes = 1_000
const encodings = { identity: (bytes: Uint8Array) => bytes, gzip: gzipSync, deflate: deflateSync }
const encoding = fc.constantFrom('identity', 'gzip', 'deflate')

/** Lengths of the frames that something is cut into, as far as they go. */
const cuts = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 })

function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const parts: Buffer[] = []
  let start = 0
  for (const length of lengths) {
    parts.push(bytes.subarray(start, start + length))
    start += length
  }
  return [...parts, bytes.subarray(start)]
}

/** The message, or why there is none; anything but the two known errors fails the test. */
async function read(parts: readonly Buffer[], name: string): Promise<string> {
  const memory = new RequestMemory(10 * maxBytes)
  const held = memory.hold(maxBytes)
  try {
    const message = new GrpcMessage(name, held)
    for (const part of parts) message.add(part)
    return `message ${(await message.read()).toString('hex')}`
  } catch (error) {
    if (error instanceof GrpcError || error instanceof TooLargeError)
      return `${error.name} ${error}`
    throw error
  } finally {
    held.release()
    expect(memory.bytes).toBe(0)
  }
}

it('a message comes out as it went in, however it is cut and compressed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: maxBytes }),
      encoding,
      cuts,
      async (bytes, name, lengths) => {
        const compress = encodings[name as keyof typeof encodings]
        const framed = frame(Buffer.from(compress(bytes)))
        framed[0] = name === 'identity' ? 0 : 1
        // What compression makes longer than the limit is too large as it came.
        fc.pre(framed.length <= maxBytes + 5)
        const hex = Buffer.from(bytes).toString('hex')
        expect(await read(cut(framed, lengths), name)).toBe(`message ${hex}`)
      },
    ),
  )
})

it('what is no message is refused in one of two ways, whatever it is', async () => {
  const prefix = fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }))
    .map(([flag, length]) => {
      const bytes = Buffer.alloc(5, flag)
      bytes.writeUInt32BE(length, 1)
      return bytes
    })
  const noise = fc.uint8Array({ maxLength: 2 * maxBytes }).map((bytes) => Buffer.from(bytes))
  const any = fc.oneof(
    noise,
    fc.tuple(prefix, noise).map((parts) => Buffer.concat(parts)),
  )
  await fc.assert(
    fc.asyncProperty(any, encoding, cuts, async (bytes, name, lengths) => {
      const whole = await read([bytes], name)
      const inParts = await read(cut(bytes, lengths), name)
      // Too much of it is seen in whichever part brings it: only then may the words differ.
      if (!whole.startsWith('TooLarge')) expect(inParts).toBe(whole)
      else expect(inParts).toMatch(/^TooLarge/)
    }),
    { numRuns: 500 },
  )
})
