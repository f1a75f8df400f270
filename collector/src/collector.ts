import type { LoopbackServer, Ports } from '@pingtrace/loopback'
import { startQueryServer } from './query/query-server.ts'
import { DroppedSignals } from './receivers/other-signals.ts'
import { startOtlpGrpc } from './receivers/otlp-grpc.ts'
import { startOtlpHttp } from './receivers/otlp-http.ts'
import { lockFolder } from './store/folder-lock.ts'
import type { Retention } from './store/retention.ts'
import { TraceStore } from './store/trace-store.ts'

/** The ports of the collector; 0 takes a free one. */
export type CollectorPorts = Pick<Ports, 'otlpGrpc' | 'otlpHttp' | 'query'>

export interface CollectorOptions {
  ports: CollectorPorts
  /** The folder of the segment files; made where it is missing. */
  dataDir: string
  /** What is kept of the spans; 512 MiB of a week unless said otherwise. */
  retention?: Retention
  /** Origins of the pages that may read traces. */
  queryOrigins: readonly string[]
  /** Names besides the loopback ones under which it may be addressed. */
  allowedHosts?: readonly string[]
}

export interface Collector {
  /** The ports that are really listened on. */
  ports: CollectorPorts
  store: TraceStore
  close(): Promise<void>
}

/** A part could not start; says which, so that the caller can say what to change. */
export class StartError extends Error {
  override name = 'StartError'
  readonly part: keyof CollectorPorts | 'dataDir'

  constructor(part: keyof CollectorPorts | 'dataDir', cause: unknown) {
    super(`${part} could not start: ${cause}`, { cause })
    this.part = part
  }
}

/**
 * The one place that knows all parts: receivers → consumer (the store) → queries.
 * @throws StartError after closing what had started
 */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { ports, dataDir, retention, queryOrigins, allowedHosts } = options
  // First of all: opening a store cuts what looks like its own unfinished write.
  const unlock = await starting('dataDir', () => lockFolder(dataDir))
  const dropped = new DroppedSignals()
  const servers: LoopbackServer[] = []
  let opened: TraceStore | undefined
  const listen = async (part: keyof CollectorPorts, start: () => Promise<LoopbackServer>) => {
    const server = await starting(part, start)
    servers.push(server)
    return server.port
  }
  // Receivers first: what they have accepted must be stored before the store closes.
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()))
    opened?.close()
    await unlock()
  }
  try {
    const store = await starting('dataDir', () => new TraceStore(dataDir, retention))
    opened = store
    return {
      ports: {
        query: await listen('query', () =>
          startQueryServer(store, ports.query, queryOrigins, allowedHosts, dropped),
        ),
        otlpGrpc: await listen('otlpGrpc', () => startOtlpGrpc(store, ports.otlpGrpc, dropped)),
        otlpHttp: await listen('otlpHttp', () =>
          startOtlpHttp(store, ports.otlpHttp, allowedHosts, dropped),
        ),
      },
      store,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function starting<T>(part: StartError['part'], start: () => T | Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    throw new StartError(part, error)
  }
}
