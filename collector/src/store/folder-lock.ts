import { createHash } from 'node:crypto'
import { realpathSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from './make-folder.ts'

export class FolderInUseError extends Error {
  override name = 'FolderInUseError'
}

/**
 * Keeps a second collector of this machine out of a folder: two would write over each other.
 *
 * The lock is a socket that somebody listens on, named after the folder, because that ends with the
 * process however it dies; a file with a process id would outlive it and name a stranger one day.
 * Containers with a network of their own do not see each other's.
 * @param folder made where it is missing
 * @returns what gives the folder back
 * @throws FolderInUseError when another collector has it, or the file system's when it cannot be made
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  makeFolder(folder)
  const path = socketOf(realpathSync(folder))
  const server = (await listen(path)) ?? (await listenAnew(path))
  if (server === undefined) throw new FolderInUseError(`another collector is using ${folder}`)
  server.unref()
  return () => new Promise((resolve) => server.close(() => resolve()))
}

function socketOf(folder: string): string {
  const name = `pingtrace-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`
  if (process.platform === 'win32') return join('\\\\.\\pipe', name)
  // Linux has names for sockets that are no files: none is left behind.
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.sock`)
}

/** Undefined when the name is taken. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    )
    server.listen(path, () => resolve(server))
  })
}

/** Elsewhere the file of a socket stays when its process is killed: nobody answers there any more. */
async function listenAnew(path: string): Promise<Server | undefined> {
  if (process.platform === 'linux' || (await isAnswered(path))) return undefined
  rmSync(path, { force: true })
  return listen(path)
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
