import type { IncomingMessage } from 'node:http'
import { decompress } from './compression.ts'
import { tooManyBytes } from './errors.ts'
import { freeMemory } from './free-memory.ts'
import { ReceivedBytes } from './received-bytes.ts'
import type { HeldMemory } from './request-memory.ts'

/**
 * The whole body, decompressed.
 * @param encoding one that `isKnownEncoding`
 * @param held grows with the body
 * @throws TooLargeError when it is over the limit as it comes, or decompressed
 * @throws MalformedError when it is not what its encoding says
 * @throws OverloadedError when there is no room for it now
 * @throws the socket's error when the sender goes away
 */
export async function readBody(
  request: IncomingMessage,
  encoding: string,
  held: HeldMemory,
): Promise<Buffer> {
  const { maxBytes } = held
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > maxBytes) throw tooManyBytes(maxBytes)
  const received = new ReceivedBytes(true)
  let isRefused = false
  // Not `for await`: leaving it early would destroy the socket, and with it the answer.
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      // The rest is read and forgotten, so that the sender gets to read the answer.
      if (isRefused) return
      try {
        if (received.length + chunk.length > maxBytes) throw tooManyBytes(maxBytes)
        held.resize(received.length + chunk.length)
        received.add(chunk, announced)
      } catch (error) {
        isRefused = true
        received.clear()
        reject(error)
      }
    })
    request.on('end', resolve)
    request.on('error', reject)
  })
  if (encoding === 'identity') return received.bytes
  const body = await decompress(received.bytes, encoding, maxBytes)
  freeMemory(received.bytes)
  held.resize(body.length)
  return body
}
