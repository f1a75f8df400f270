import { startChild } from './child-process.ts'

/** A running embedded server and the process that it is. */
export interface EmbeddedServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Resolves when the process is gone; what was stored goes with it. */
  stop(): Promise<void>
}

/**
 * Starts a small server of our own that speaks the MongoDB wire protocol, in a child process on
 * 127.0.0.1, and resolves when it listens. It is not MongoDB: what it cannot do it refuses by name,
 * and `buildInfo` says what it is. The process ends when this one does.
 * @param options.port a free one when 0 or left out
 * @throws Error that says why, for example that the port is in use
 */
export async function startEmbeddedMongodb(
  options: { port?: number } = {},
): Promise<EmbeddedServer> {
  const program = new URL('./child.ts', import.meta.url)
  const child = await startChild('embedded MongoDB', program, options.port ?? 0)
  return { url: `mongodb://127.0.0.1:${child.port}`, ...child }
}
