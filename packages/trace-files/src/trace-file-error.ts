/** A file that is refused. Its message says why, and names the line where one is to blame. */
export class TraceFileError extends Error {
  override name = 'TraceFileError'
  /** From 1; undefined where the file as a whole is the problem. */
  readonly line: number | undefined

  constructor(reason: string, line?: number) {
    super(line === undefined ? reason : `Line ${line}: ${reason}`)
    this.line = line
  }
}
