import type { IncomingMessage } from 'node:http'
import { decompress } from './compression.ts'
import { TooLargeError } from './errors.ts'

/**
 * The whole body, decompressed.
 * @param encoding one that `isKnownEncoding`
 * @throws TooLargeError when it is over the limit as it comes, or decompressed
 * @throws MalformedError when it is not what its encoding says
 * @throws the socket's error when the sender goes away
 */
export async function readBody(
  request: IncomingMessage,
  encoding: string,
  maxBytes: number,
): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new TooLargeError(maxBytes)
  const chunks: Buffer[] = []
  let length = 0
  // Not `for await`: leaving it early would destroy the socket, and with it the answer.
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= maxBytes) {
        chunks.push(chunk)
        return
      }
      // The rest is read and forgotten, so that the sender gets to read the answer.
      chunks.length = 0
      reject(new TooLargeError(maxBytes))
    })
    request.on('end', resolve)
    request.on('error', reject)
  })
  const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
  return decompress(body, encoding, maxBytes)
}
