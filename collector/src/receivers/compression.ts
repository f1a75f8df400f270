import { promisify } from 'node:util'
import { gunzip, gunzipSync, inflate, inflateSync, type ZlibOptions } from 'node:zlib'
import { MalformedError } from '../consumer.ts'
import { tooManyBytes } from './errors.ts'

type Decompress = (body: Buffer, options: ZlibOptions) => Buffer | Promise<Buffer>

const decompressors = new Map<string, { small: Decompress; large: Decompress }>([
  ['gzip', { small: gunzipSync, large: promisify(gunzip) }],
  ['deflate', { small: inflateSync, large: promisify(inflate) }],
])

/**
 * Up to so many bytes, as they come, are decompressed at once: less work than handing them to another
 * thread and back. A thousand times as many is all that they can become: some milliseconds of work.
 */
const smallBytes = 4 * 1024
/** What is made room for ahead; most spans shrink to a fifth or less. */
const expectedRatio = 8
const largestStep = 256 * 1024

/** For the answer that refuses another encoding: HTTP's `Accept-Encoding`, gRPC's likewise. */
export const contentEncodings = 'gzip, deflate'

export function isKnownEncoding(encoding: string): boolean {
  return encoding === 'identity' || decompressors.has(encoding)
}

/**
 * @param encoding one that `isKnownEncoding`
 * @throws TooLargeError when it is over the limit decompressed
 * @throws MalformedError when it is not what its encoding says
 */
export async function decompress(
  body: Buffer,
  encoding: string,
  maxBytes: number,
): Promise<Buffer> {
  const decompressor = decompressors.get(encoding)
  if (decompressor === undefined) return body
  try {
    // Node's own step is 16 KiB, and each goes to the other thread and back.
    const chunkSize = Math.min(Math.max(body.length * expectedRatio, 1_024), largestStep)
    const decompressed = body.length <= smallBytes ? decompressor.small : decompressor.large
    return await decompressed(body, { maxOutputLength: maxBytes, chunkSize })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooManyBytes(maxBytes)
    throw new MalformedError(`the body cannot be decompressed: ${(error as Error).message}`)
  }
}
