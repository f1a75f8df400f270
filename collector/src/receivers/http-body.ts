import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { MalformedError } from '../consumer.ts'
import { TooLargeError } from './errors.ts'
import { maxRequestBytes } from './limits.ts'

type Decompress = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const decompressors = new Map<string, Decompress>([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
])

/** For the `Accept-Encoding` of an answer that refuses another one. */
export const contentEncodings = 'gzip, deflate'

export function isKnownEncoding(encoding: string): boolean {
  return encoding === 'identity' || decompressors.has(encoding)
}

/**
 * The whole body, decompressed.
 * @param encoding one that `isKnownEncoding`
 * @throws TooLargeError when it is over the limit as it comes, or decompressed
 * @throws MalformedError when it is not what its encoding says
 * @throws the socket's error when the sender goes away
 */
export async function readBody(request: IncomingMessage, encoding: string): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxRequestBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let length = 0
  // Not `for await`: leaving it early would destroy the socket, and with it the answer.
  await new Promise<void>((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= maxRequestBytes) {
        chunks.push(chunk)
        return
      }
      // The rest is read and forgotten, so that the sender gets to read the answer.
      chunks.length = 0
      reject(tooLarge())
    })
    request.on('end', resolve)
    request.on('error', reject)
  })
  const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
  const decompress = decompressors.get(encoding)
  return decompress === undefined ? body : decompressed(body, decompress)
}

async function decompressed(body: Buffer, decompress: Decompress): Promise<Buffer> {
  try {
    return await decompress(body, { maxOutputLength: maxRequestBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge()
    throw new MalformedError(`the body cannot be decompressed: ${(error as Error).message}`)
  }
}

function tooLarge(): TooLargeError {
  return new TooLargeError(`a request may have ${maxRequestBytes} bytes, decompressed as well`)
}
