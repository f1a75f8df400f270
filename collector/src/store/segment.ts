/** Whole records in a file of their own; later segments have higher numbers. */
export interface Segment {
  readonly path: string
  readonly number: number
  /** How many records are in the segments before, those included that are gone. */
  readonly firstRecord: number
  /** The number of the first record that is not in this segment or one before. */
  readonly endRecord: number
  /** Bytes on the disk. */
  readonly size: number
  /** When its first and its last record arrived, in milliseconds since the Unix epoch. */
  readonly firstArrival: number
  readonly lastArrival: number
  /** The payload; undefined when it cannot be read any more. */
  read(record: number): Buffer | undefined
  /** Milliseconds since the Unix epoch, with fractions. */
  arrival(record: number): number
  /** Where a record ends in the file, or did before the segment was sealed. */
  endOffset(record: number): number
  /** How many of its records start before such a place. */
  countBefore(offset: number): number
  close(): void
}
