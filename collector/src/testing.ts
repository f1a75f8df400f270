/** Test material: a collector on free ports of this machine, and short hand-written spans as OTLP. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReceivedRequest, ResourceSpans, TraceSummary } from '@pingtrace/otlp'
import { onTestFinished } from 'vitest'
import { type CollectorOptions, startCollector } from './collector.ts'
import { postTraces } from './testing-requests.ts'

export {
  postTraces,
  request,
  span,
  spanIdOf,
  traceIdOf,
  tracesData,
} from './testing-requests.ts'

export const pageOrigin = 'http://localhost:5173'

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pingtrace-collector-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A folder that nobody can make, whatever their rights: it would be inside a file. */
export function impossibleFolder(): string {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  return join(file, 'segments')
}

export interface TestCollector {
  ports: { otlpGrpc: number; otlpHttp: number; query: number }
  /** Sends OTLP/HTTP protobuf, and resolves when it is acknowledged. */
  send(payload: Uint8Array): Promise<void>
  /** GET of a path on the query port. */
  query(path: string, headers?: Record<string, string>): Promise<Response>
  close(): Promise<void>
}

/** Starts the whole collector on free ports; it is closed after the test. */
export async function startTestCollector(
  dataDir = temporaryFolder(),
  options: Partial<CollectorOptions> = {},
): Promise<TestCollector> {
  const { ports, close } = await startCollector({
    ports: { otlpGrpc: 0, otlpHttp: 0, query: 0 },
    dataDir,
    queryOrigins: [pageOrigin],
    ...options,
  })
  let closing: Promise<void> | undefined
  const closeOnce = () => {
    closing ??= close()
    return closing
  }
  onTestFinished(closeOnce)
  return {
    ports,
    close: closeOnce,
    send: async (payload) => {
      const response = await postTraces(ports.otlpHttp, payload)
      if (response.status !== 200) throw new Error(`not acknowledged: ${response.status}`)
    },
    query: (path, headers = {}) => fetch(`http://127.0.0.1:${ports.query}${path}`, { headers }),
  }
}

export interface StreamEvent {
  event: string
  id: string
  data: {
    traces?: TraceSummary[]
    resourceSpans?: ResourceSpans[]
    quietForMs?: number
    protobuf?: string
    requests?: ReceivedRequest[]
  }
}

/** A client of the live stream. */
export interface EventClient {
  response: Response
  /** The next event; rejects when the stream ends first. */
  next(): Promise<StreamEvent>
  close(): void
}

/** Opens `/live/v1/stream`, or another; it is closed after the test. */
export async function openStream(
  collector: Pick<TestCollector, 'ports'>,
  search = '',
  headers: Record<string, string> = {},
  path = '/live/v1/stream',
): Promise<EventClient> {
  const abort = new AbortController()
  const url = `http://127.0.0.1:${collector.ports.query}${path}${search}`
  const response = await fetch(url, { headers, signal: abort.signal })
  onTestFinished(() => abort.abort())
  const events = readEvents(response.body!)
  return {
    response,
    next: async () => {
      const { value, done } = await events.next()
      if (done) throw new Error('the stream ended')
      return value
    },
    close: () => abort.abort(),
  }
}

async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent, void> {
  let text = ''
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      if (block.startsWith(':')) continue
      const fields = new Map(block.split('\n').map((line) => splitOnce(line)))
      yield {
        event: fields.get('event') ?? '',
        id: fields.get('id') ?? '',
        data: JSON.parse(fields.get('data') ?? 'null'),
      }
    }
  }
}

function splitOnce(line: string): [string, string] {
  const colon = line.indexOf(': ')
  return [line.slice(0, colon), line.slice(colon + 2)]
}
