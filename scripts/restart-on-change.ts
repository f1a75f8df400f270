import { watch } from 'node:fs'
import { join } from 'node:path'
import type { ManagedProcess } from './managed-process.ts'
import { root } from './paths.ts'
import { messageOf } from './settings.ts'

/** Restarts a process when a source file below one of the folders changes. */
export function restartOnChange(process: ManagedProcess, name: string, folders: string[]): void {
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
  for (const folder of folders) {
    watch(join(root, folder), { recursive: true }, (_event, file) => {
      if (file !== null && /\.ts$/.test(file) && !/\.test\.ts$/.test(file)) void restart()
    })
  }
}
