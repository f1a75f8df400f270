import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** Where one target is in the store, kept in a file so that a restart goes on from there. */
export class CursorFile {
  readonly #path: string
  #isFailing = false

  constructor(path: string) {
    this.#path = path
  }

  /** A position of the store, `<segment>-<offset>`; undefined where there is none yet. */
  read(): string | undefined {
    try {
      return readFileSync(this.#path, 'latin1').trim()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /**
   * Replaces it: whoever reads finds the old position or the new one, never half of one. Where that
   * fails it is said once: sending goes on, and the next start sends some spans again.
   */
  write(position: string): void {
    const next = `${this.#path}.next`
    try {
      writeFileSync(next, `${position}\n`)
      renameSync(next, this.#path)
      this.#isFailing = false
    } catch (error) {
      if (!this.#isFailing) console.warn(`collector: cannot note what was forwarded: ${error}`)
      this.#isFailing = true
      rmSync(next, { force: true })
    }
  }
}
