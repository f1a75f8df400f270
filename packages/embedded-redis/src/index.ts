import { type EmbeddedServer, startEmbeddedServer } from '@pingtrace/embedded-server'

/**
 * Starts the real Valkey engine (WebAssembly) in a child process on 127.0.0.1, and resolves when it
 * answers PING. The process ends when this one does.
 * @param options.port a free one when 0 or left out
 * @throws Error that says why, for example that the port is in use
 */
export function startEmbeddedRedis(options: { port?: number } = {}): Promise<EmbeddedServer> {
  return startEmbeddedServer({
    name: 'embedded Redis',
    scheme: 'redis',
    program: new URL('./child.ts', import.meta.url),
    port: options.port ?? 0,
  })
}
