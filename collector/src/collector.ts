import type { Exposure, LoopbackServer, Ports } from '@pingtrace/loopback'
import type { OtlpPorts } from '@pingtrace/otlp'
import type { ProcessorSettings } from './config/processors.ts'
import type { TracesConsumer } from './consumer.ts'
import type { BatchSettings, Forwarder } from './exporters/forwarder.ts'
import { type ExporterSettings, startForwarders, storeAndForward } from './exporters/forwarding.ts'
import { collectorMetrics } from './metrics/collector-metrics.ts'
import { CountedSpans } from './metrics/span-counts.ts'
import { attributes } from './processors/attributes.ts'
import { MemoryLimiter } from './processors/memory-limiter.ts'
import type { QueryLimits } from './query/limits.ts'
import { startQueryServer } from './query/query-server.ts'
import { viewerFiles } from './query/viewer-files.ts'
import type { ReceiverLimits } from './receivers/limits.ts'
import { startOtlpGrpc } from './receivers/otlp-grpc.ts'
import { type HttpSettings, startOtlpHttp } from './receivers/otlp-http.ts'
import { ReceiverState } from './receivers/receiver-state.ts'
import type { SyncPolicy } from './store/disk-sync.ts'
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
  /** When what is stored is synced to the disk; `none` unless said otherwise. */
  fsync?: SyncPolicy
  /** Where to send on what is accepted; nowhere when left out. */
  exporters?: readonly ExporterSettings[]
  /** How those put requests together. */
  batch?: BatchSettings | undefined
  /** What a request goes through before it is stored, in order. */
  processors?: readonly Step[]
  /** Of the receivers: which pages may send (those of this machine), and how much at a time. */
  receiver?: { http?: HttpSettings; grpc?: { maxBytes?: number } }
  /** Origins of the pages that may read traces. */
  queryOrigins: readonly string[]
  /** Names besides the loopback ones under which it may be addressed. */
  allowedHosts?: readonly string[]
  /** Who may reach it: without it programs of this machine, with nothing to show. */
  exposure?: Pick<Exposure, 'addresses' | 'ingestToken' | 'queryToken'>
  /** Instead of the usual ones. */
  receiverLimits?: Partial<ReceiverLimits>
  /** Instead of the usual ones. */
  queryLimits?: Partial<QueryLimits>
  /** The one Jaeger that the viewer may be pointed at. */
  jaegerUrl?: URL | undefined
  /** A built viewer, to be served on the query port. */
  viewerDir?: string
}

type Step = Exclude<ProcessorSettings, { kind: 'batch' }>

export interface Collector {
  /** The ports that are really listened on. */
  ports: CollectorPorts
  store: TraceStore
  close(): Promise<void>
}

/** A part could not start; says which, so that the caller can say what to change. */
export class StartError extends Error {
  override name = 'StartError'
  readonly part: keyof CollectorPorts | 'dataDir' | 'viewerDir'

  constructor(part: StartError['part'], cause: unknown) {
    super(`${part} could not start: ${cause}`, { cause })
    this.part = part
  }
}

/**
 * The one place that knows all parts: receivers → processors → the store, which acknowledges →
 * exporters and queries, which read from it.
 * @throws StartError after closing what had started
 */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { ports, dataDir, retention, fsync, exporters = [], queryOrigins, viewerDir } = options
  const { allowedHosts = [], processors = [], batch, receiver = {} } = options
  const viewer =
    viewerDir === undefined ? undefined : await starting('viewerDir', () => viewerFiles(viewerDir))
  // Before the store is opened, which cuts what looks like its own unfinished write.
  const unlock = await starting('dataDir', () => lockFolder(dataDir))
  const { addresses, ingestToken, queryToken } = options.exposure ?? {}
  const receivers = new ReceiverState(options.receiverLimits, { addresses, token: ingestToken })
  const servers: LoopbackServer[] = []
  let opened: TraceStore | undefined
  let forwarders: Forwarder[] = []
  const limiters: MemoryLimiter[] = []
  const listen = async (part: keyof CollectorPorts, start: () => Promise<LoopbackServer>) => {
    const server = await starting(part, start)
    servers.push(server)
    return server.port
  }
  // Receivers first: what they have accepted must be stored and sent on before those close.
  const close = async () => {
    await Promise.all(servers.map((server) => server.close()))
    for (const limiter of limiters) limiter.close()
    await Promise.all(forwarders.map((forwarder) => forwarder.close()))
    opened?.close()
    await unlock()
  }
  try {
    const store = await starting('dataDir', () => new TraceStore(dataDir, retention, { fsync }))
    opened = store
    const ownPorts = [ports.otlpGrpc, ports.otlpHttp]
    forwarders = await starting('dataDir', () =>
      startForwarders(exporters, store, { dataDir, ownPorts, batch }),
    )
    const processed = processors.reduceRight<TracesConsumer>(
      (next, step) => {
        if (step.kind === 'attributes') return attributes(step.actions, next)
        const limiter = new MemoryLimiter(step.limits, next)
        limiters.push(limiter)
        return limiter
      },
      storeAndForward(store, forwarders),
    )
    const consumer = new CountedSpans(processed)
    const grpc = await listen('otlpGrpc', () =>
      startOtlpGrpc(consumer, ports.otlpGrpc, receivers, receiver.grpc?.maxBytes),
    )
    const http = await listen('otlpHttp', () =>
      startOtlpHttp(consumer, ports.otlpHttp, allowedHosts, receivers, receiver.http),
    )
    const health = () => ({
      otlpPorts: { grpc, http } satisfies OtlpPorts,
      sendersNeedToken: ingestToken !== undefined,
      droppedRequests: receivers.dropped.requests,
      ...(forwarders.length > 0 && { forwarding: forwarders.map(({ counts }) => counts) }),
    })
    const metrics = (streams: number) => {
      const forwarding = forwarders.map(({ counts }) => counts)
      return collectorMetrics({ spans: consumer, receivers, forwarding, store, streams })
    }
    const limits = options.queryLimits
    const received = receivers.log
    const trust = { origins: queryOrigins, hosts: allowedHosts, addresses, token: queryToken }
    const { jaegerUrl } = options
    const answers = { ...trust, health, metrics, received, limits, viewer, jaegerUrl }
    // Last, because it says where the receivers are: who gets an answer can send.
    const query = await listen('query', () => startQueryServer(store, ports.query, answers))
    return { ports: { otlpGrpc: grpc, otlpHttp: http, query }, store, close }
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
