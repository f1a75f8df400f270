/** One of the two things `/ping` does. */
export interface Leg {
  readonly name: 'redis' | 'mongodb'
  /** Host and port of the server, without credentials. */
  readonly address: string
  /**
   * Asks the server, and answers a random string.
   * @param length of that string, in letters
   * @throws what went wrong, after at most LEG_LIMIT_MS
   */
  run(length: number): Promise<string>
  /** What the server calls itself, such as "valkey 9.1.1". @throws when it is not reachable */
  identify(): Promise<string>
  close(): Promise<void>
}

/** Within two seconds a leg has its answer or has failed, its span included. */
export const LEG_LIMIT_MS = 1_800

/** `/health` answers within about a second, whatever is behind it. */
export const HEALTH_LIMIT_MS = 900
