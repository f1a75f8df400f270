/**
 * When what was written is synced to the disk, which is what makes it safe from a power cut:
 * - `none`: never, but for segments that are sealed. The operating system does so within half a
 *   minute or so.
 * - `interval`: 50 ms after it was written, together with all that came meanwhile; nobody waits.
 * - `always`: before the sender gets its answer. Requests that wait for a sync share the next one.
 *
 * What is written is safe from the death of this process in any case.
 */
export type SyncPolicy = 'none' | 'interval' | 'always'

const policies: readonly SyncPolicy[] = ['none', 'interval', 'always']
const variable = 'PINGTRACE_FSYNC'

/** Milliseconds; what a power cut may take under `interval`, and the time of the sync itself. */
const interval = 50

/**
 * Reads the policy from the environment.
 * @throws Error that names the variable, and what it may be
 */
export function readSyncPolicy(env: Record<string, string | undefined>): SyncPolicy {
  const text = env[variable] || 'none'
  const policy = policies.find((each) => each === text)
  if (policy === undefined) {
    throw new Error(`${variable} must be none, interval or always, not "${text}"`)
  }
  return policy
}

/** Syncs by a policy, one sync at a time. */
export class DiskSync {
  readonly #policy: SyncPolicy
  readonly #sync: () => Promise<void>
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isFailing = false

  /** @param sync everything that was written before it was called */
  constructor(policy: SyncPolicy, sync: () => Promise<void>) {
    this.#policy = policy
    this.#sync = sync
  }

  /**
   * To be called after each write. Resolves when the write is as safe as the policy says.
   * @throws the file system's error, where senders wait for the sync
   */
  written(): Promise<void> | undefined {
    if (this.#policy === 'always') return this.#syncSoon()
    if (this.#policy === 'interval') {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined
        this.#syncSoon().then(
          () => this.#say(undefined),
          (error) => this.#say(error),
        )
      }, interval).unref()
    }
    return undefined
  }

  /** Whether there are writes that a sync is due for; none is begun any more. */
  stop(): boolean {
    const isDue = this.#timer !== undefined
    clearTimeout(this.#timer)
    return isDue
  }

  /** A sync that runs may have begun before the write: the one after it is the one to wait for. */
  #syncSoon(): Promise<void> {
    if (this.#running === undefined) return this.#start()
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined
        return this.#start()
      })
    return this.#next
  }

  #start(): Promise<void> {
    this.#running = this.#sync().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Once that syncing fails, and once that it works again. */
  #say(error: unknown): void {
    const isFailing = error !== undefined
    if (isFailing !== this.#isFailing) {
      console.warn(`collector: ${isFailing ? `cannot sync: ${error}` : 'syncing works again'}`)
    }
    this.#isFailing = isFailing
  }
}
