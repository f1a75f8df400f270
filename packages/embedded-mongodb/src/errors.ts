/** Everywhere the server is asked what it is, it says this. */
export const description = 'pingtrace embedded server, not MongoDB'

/** Names of the error codes used here; src/mongo/base/error_codes.yml of MongoDB has them all. */
const codeNames = {
  1: 'InternalError',
  2: 'BadValue',
  9: 'FailedToParse',
  22: 'InvalidBSON',
  43: 'CursorNotFound',
  59: 'CommandNotFound',
  73: 'InvalidNamespace',
  238: 'NotImplemented',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  14031: 'OutOfDiskSpace',
} as const

/** A refusal that the client gets to see: the command fails, the connection lives. */
export class CommandError extends Error {
  readonly code: keyof typeof codeNames
  /** Further fields of the reply, for example the key that was a duplicate. */
  readonly details: Record<string, unknown>

  constructor(
    code: keyof typeof codeNames,
    message: string,
    details: Record<string, unknown> = {},
  ) {
    super(message)
    this.code = code
    this.details = details
  }

  get codeName(): string {
    return codeNames[this.code]
  }
}

/** Bytes that are no MongoDB message: they cannot be answered, so the connection ends. */
export class ProtocolError extends Error {}

/** For what MongoDB can and this server cannot: better refused than nearly right. */
export function unsupported(what: string): CommandError {
  return new CommandError(238, `${what} is not supported (${description}; ${remedy})`)
}

export const remedy = 'set MONGODB_URL to use a real one'
