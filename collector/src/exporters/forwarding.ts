import { createHash } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { TracesConsumer } from '../consumer.ts'
import { makeFolder } from '../store/make-folder.ts'
import { CursorFile } from './cursor-file.ts'
import { type DebugSettings, debugTarget } from './debug-target.ts'
import { type FileSettings, fileTarget } from './file-target.ts'
import type { QueueLimit, StoredRequests } from './forward-queue.ts'
import { type BatchSettings, Forwarder, type ForwarderOptions } from './forwarder.ts'
import { grpcTarget } from './grpc-target.ts'
import { httpTarget } from './http-target.ts'
import type { RetrySettings } from './retry.ts'
import type { ForwardSettings } from './settings.ts'
import type { Target } from './target.ts'

/** Where to send what is stored, and how patiently. */
export interface ExporterSettings {
  /** What asked for it, for people: a variable, or an exporter of the configuration. */
  id: string
  forward: ForwardSettings | DebugSettings | FileSettings
  queue?: QueueLimit
  retry?: RetrySettings
}

export interface ForwardingOptions extends Pick<ForwarderOptions, 'closeMs'> {
  /** Keeps the place of each target, in a folder of its own. */
  dataDir: string
  /** Where this collector receives. */
  ownPorts: readonly number[]
  batch?: BatchSettings | undefined
}

/**
 * A forwarder to each endpoint that the settings name; each has its own place in the store. A target
 * that is not named any more loses its place: what is stored while nobody asks for forwarding is not
 * sent when somebody does again.
 */
export async function startForwarders(
  settings: readonly ExporterSettings[],
  store: StoredRequests,
  { dataDir, ownPorts, batch, closeMs }: ForwardingOptions,
): Promise<Forwarder[]> {
  const folder = join(dataDir, 'forwarding')
  if (settings.length > 0) makeFolder(folder)
  const kept = new Set<string>()
  const forwarders: Forwarder[] = []
  for (const { id, forward, queue, retry } of settings) {
    if ('url' in forward && (await isOwn(forward.url, ownPorts))) {
      // Our own advice to SDKs (`export OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318`) leads
      // here in a shell in which a collector is started next, so that it must not fail.
      warn(`${id} is this collector itself (${forward.url.host}): nothing is forwarded`)
      continue
    }
    const target = targetOf(forward)
    const path = join(folder, cursorName(id, target))
    kept.add(basename(path))
    console.log(`collector: forwards to ${target.name}`)
    const options: ForwarderOptions = { id, batch }
    // Nobody wants to read in a log today what was logged, or not, before the last end.
    if (forward.protocol !== 'debug') options.cursor = new CursorFile(path)
    if (queue !== undefined) options.queue = queue
    if (retry !== undefined) options.retry = retry
    if (closeMs !== undefined) options.closeMs = closeMs
    forwarders.push(new Forwarder(target, store, options))
  }
  forget(folder, kept)
  return forwarders
}

function targetOf(settings: ExporterSettings['forward']): Target {
  switch (settings.protocol) {
    case 'grpc':
      return grpcTarget(settings)
    case 'http/protobuf':
      return httpTarget(settings)
    case 'debug':
      return debugTarget(settings)
    case 'file':
      return fileTarget(settings)
  }
}

/** The same for as long as the same exporter sends to the same place. */
function cursorName(id: string, target: Target): string {
  return `${createHash('sha256').update(`${id} ${target.name}`).digest('hex').slice(0, 16)}.cursor`
}

function forget(folder: string, kept: ReadonlySet<string>): void {
  try {
    for (const name of readdirSync(folder)) if (!kept.has(name)) rmSync(join(folder, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') warn(`cannot tidy ${folder}: ${error}`)
  }
}

/** We listen on loopback alone, so that another machine's port of the same number is no loop. */
async function isOwn(url: URL, ownPorts: readonly number[]): Promise<boolean> {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  if (!ownPorts.includes(port)) return false
  const name = url.hostname.replace(/^\[|\]$/g, '')
  // A name that cannot be asked for now may be asked for later: its target is then away, not us.
  const found = await lookup(name, { all: true }).catch(() => [])
  return found.some(({ address }) => /^(127\.|::1$|0\.0\.0\.0$|::$)/.test(address))
}

/** `store` decides what is accepted and acknowledged; what it has accepted is also forwarded. */
export function storeAndForward(
  store: TracesConsumer,
  forwarders: readonly Forwarder[],
): TracesConsumer {
  return {
    consumeTraces: async (request) => {
      const outcome = await store.consumeTraces(request)
      // Awaits of one promise go on in the order in which the store wrote: so queues can count.
      if (outcome.acceptedSpans > 0) {
        for (const forwarder of forwarders) {
          forwarder.stored(request.payload, outcome.acceptedSpans)
        }
      }
      return outcome
    },
  }
}

function warn(text: string): void {
  console.warn(`collector: ${text}`)
}
