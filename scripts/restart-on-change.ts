import { watch } from 'node:fs'
import { resolve } from 'node:path'
import type { ManagedProcess } from './managed-process.ts'
import { root } from './paths.ts'
import { messageOf } from './settings.ts'

/** Saving one file is several events, and an editor may save several files. */
const SETTLED_MS = 100

/**
 * Restarts a process when a source file below one of the folders changes.
 * @returns ends the watching
 */
export function restartOnChange(
  process: Pick<ManagedProcess, 'start' | 'stop'>,
  name: string,
  folders: string[],
): () => void {
  let restarting = false
  let again = false
  const restart = async () => {
    again = restarting
    if (restarting) return
    restarting = true
    try {
      await process.stop()
      await process.start()
      console.log(`pingtrace: restarted the ${name}`)
    } catch (error) {
      // A half-written file; the next save starts it.
      console.error(`pingtrace: the ${name} does not start: ${messageOf(error)}`)
    }
    restarting = false
    if (again) await restart()
  }
  let settling: NodeJS.Timeout | undefined
  const watchers = folders.map((folder) =>
    watch(resolve(root, folder), { recursive: true }, (_event, file) => {
      if (file === null || !/\.ts$/.test(file) || /\.test\.ts$/.test(file)) return
      clearTimeout(settling)
      settling = setTimeout(() => void restart(), SETTLED_MS)
    }),
  )
  return () => {
    clearTimeout(settling)
    for (const watcher of watchers) watcher.close()
  }
}
