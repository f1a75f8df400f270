import { promisify } from 'node:util'
import { gunzip, gunzipSync, inflate, inflateSync, type ZlibOptions } from 'node:zlib'
import { MalformedError } from '../consumer.ts'
import { Turns } from '../turns.ts'
import { tooManyBytes } from './errors.ts'

type Decompress<Result> = (body: Buffer, options: ZlibOptions) => Result
type Decompressor = { small: Decompress<Buffer>; large: Decompress<Promise<Buffer>> }

const decompressors = new Map<string, Decompressor>([
  ['gzip', { small: gunzipSync, large: promisify(gunzip) }],
  ['deflate', { small: inflateSync, large: promisify(inflate) }],
])

/**
 * Up to so many bytes, as they come, are decompressed at once: less work than handing them to another
 * thread and back. A thousand times as many is all that they can become: some milliseconds of work.
 */
const smallBytes = 4 * 1024
/** What is made room for ahead, where the body does not say; most spans shrink to a fifth or less. */
const expectedRatio = 8
const largestStep = 256 * 1024
/** What a body says of itself is believed up to so many times its length. */
const believedRatio = 64

/**
 * Larger ones at a time: 20 kB can become 20 MiB, and of a thousand senders' each would grow a step at
 * a time beside the others. There are four threads for them all.
 */
const turns = new Turns(8)

/** For the answer that refuses another encoding: HTTP's `Accept-Encoding`, gRPC's likewise. */
export const contentEncodings = 'gzip, deflate'

export function isKnownEncoding(encoding: string): boolean {
  return encoding === 'identity' || decompressors.has(encoding)
}

/** What is wrong with another encoding, and what to do about it. */
export function unknownEncoding(encoding: string): { message: string; advice: string } {
  return {
    message: `the encoding “${encoding.slice(0, 80)}” is not known: it must be one of ${contentEncodings}, or none`,
    advice: 'Set OTEL_EXPORTER_OTLP_COMPRESSION=gzip, or none.',
  }
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
    const chunkSize = stepFor(body, encoding, maxBytes)
    const options = { maxOutputLength: maxBytes, chunkSize }
    if (body.length <= smallBytes) return decompressor.small(body, options)
    return await turns.take(() => decompressor.large(body, options))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw tooManyBytes(maxBytes)
    throw new MalformedError(`the body cannot be decompressed: ${(error as Error).message}`)
  }
}

/**
 * How much is decompressed at a time. Node's own step is 16 KiB, and each goes to the other thread and
 * back; what takes several is copied together at the end.
 */
function stepFor(body: Buffer, encoding: string, maxBytes: number): number {
  const usual = Math.min(Math.max(body.length * expectedRatio, 1_024), largestStep)
  if (encoding !== 'gzip' || body.length < smallBytes) return usual
  // RFC 1952, ISIZE: the last four bytes. One more, or Node makes room for another step.
  const whole = body.readUInt32LE(body.length - 4) + 1
  return whole > Math.min(body.length * believedRatio, maxBytes) ? usual : Math.max(whole, 1_024)
}
