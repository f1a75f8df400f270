import type { IncomingMessage } from 'node:http'
import { decompress } from './compression.ts'
import { tooManyBytes } from './errors.ts'
import { ReceivedBytes } from './received-bytes.ts'
import type { RequestNote } from './request-log.ts'
import type { HeldMemory } from './request-memory.ts'

/**
 * The whole body, decompressed.
 * @param encoding one that `isKnownEncoding`
 * @param held grows with the body
 * @param note is told how large it was, as it came and decompressed
 * @throws TooLargeError when it is over the limit as it comes, or decompressed
 * @throws MalformedError when it is not what its encoding says
 * @throws OverloadedError when there is no room for it now
 * @throws the socket's error when the sender goes away
 */
export async function readBody(
  request: IncomingMessage,
  encoding: string,
  held: HeldMemory,
  note: RequestNote,
): Promise<Buffer> {
  const { maxBytes } = held
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > maxBytes) {
    note.wireBytes = announced
    throw tooManyBytes(maxBytes)
  }
  const received = new ReceivedBytes(true)
  let isRefused = false
  // Not `for await`: leaving it early would destroy the socket, and with it the answer.
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      // The rest is read and forgotten, so that the sender gets to read the answer.
      if (isRefused) return
      try {
        const length = received.length + chunk.length
        note.wireBytes = length
        if (length > maxBytes) throw tooManyBytes(maxBytes)
        held.resize(length)
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
  note.wireBytes = received.length
  const isPlain = encoding === 'identity'
  const body = isPlain ? received.bytes : await decompress(received.bytes, encoding, maxBytes)
  note.bytes = body.length
  if (!isPlain) {
    received.free()
    held.resize(body.length)
  }
  return body
}
