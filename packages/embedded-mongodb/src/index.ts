import { type EmbeddedServer, startEmbeddedServer } from '@pingtrace/embedded-server'

/**
 * Starts a small server of our own that speaks the MongoDB wire protocol, in a child process on
 * 127.0.0.1, and resolves when it listens. It is not MongoDB: what it cannot do it refuses by name,
 * and `buildInfo` says what it is. The process ends when this one does.
 * @param options.port a free one when 0 or left out
 * @throws Error that says why, for example that the port is in use
 */
export function startEmbeddedMongodb(options: { port?: number } = {}): Promise<EmbeddedServer> {
  return startEmbeddedServer({
    name: 'embedded MongoDB',
    scheme: 'mongodb',
    program: new URL('./child.ts', import.meta.url),
    port: options.port ?? 0,
  })
}
