import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import { MalformedError } from '../consumer.ts'
import { tooManyBytes } from './errors.ts'

type Decompress = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>

const decompressors = new Map<string, Decompress>([
  ['gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
])

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
    return await decompressor(body, { maxOutputLength: maxBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooManyBytes(maxBytes)
    throw new MalformedError(`the body cannot be decompressed: ${(error as Error).message}`)
  }
}
