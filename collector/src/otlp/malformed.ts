import { MalformedError } from '../consumer.ts'

/** The error for bytes that break a format's rules; positions count from the start of the payload. */
export function malformed(what: string, position: number): MalformedError {
  return new MalformedError(`${what} at byte ${position}`)
}
