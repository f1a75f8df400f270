import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface SmallDisk {
  /** Where it is mounted, for those that run inside. */
  folder: string
  /** Put before a command, runs it where the disk is. */
  inside: string[]
}

/** A namespace of its own, in which whoever may make one may mount, without being root outside. */
const isolated = ['--user', '--map-root-user', '--mount']

/** Whether this machine lets us have one. */
export function hasSmallDisks(): boolean {
  if (process.platform !== 'linux') return false
  const probe = spawnSync('unshare', [...isolated, 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()])
  return probe.status === 0 && spawnSync('nsenter', ['--version']).status === 0
}

/** A file system of so many KiB in memory, which only processes started `inside` see. */
export async function smallDisk(kibibytes: number): Promise<SmallDisk> {
  const folder = mkdtempSync(join(tmpdir(), 'pingtrace-disk-'))
  const script = 'mount -t tmpfs -o "size=$1k" tmpfs "$2" && echo mounted && exec sleep infinity'
  const command = [...isolated, 'sh', '-c', script, 'sh', String(kibibytes), folder]
  const holder = spawn('unshare', command, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    holder.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  await once(holder.stdout, 'data')
  const namespaces = ['--target', String(holder.pid), '--user', '--mount', '--preserve-credentials']
  return { folder, inside: ['nsenter', ...namespaces, '--'] }
}
