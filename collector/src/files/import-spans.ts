import { setTimeout as delay } from 'node:timers/promises'
import { readSuccess } from '../exporters/answers.ts'
import { FolderInUseError, lockFolder } from '../store/folder-lock.ts'
import type { Retention } from '../store/retention.ts'
import { TraceStore } from '../store/trace-store.ts'
import {
  FileError,
  type FileFormat,
  type FileRequest,
  formatOf,
  readRequests,
} from './otlp-file.ts'

/** Of one request, where the collector is busy; it says how long to wait, mostly a second. */
const attempts = 30

export interface ImportOptions {
  path: string
  dataDir: string
  retention: Retention
  /** Where a collector receives OTLP/HTTP, if one is using the folder. */
  otlpHttpPort: number
  /** What it asks senders for, if anything. */
  ingestToken?: string | undefined
}

export interface Imported {
  requests: number
  spans: number
  /** Spans without valid ids, which cannot be stored. */
  rejectedSpans: number
  /** Whether a running collector took them, or the folder did. */
  by: 'collector' | 'folder'
}

/**
 * Stores the requests of a file: straight into the folder, or through the collector that is using
 * it. All of the file is looked at before anything is stored, so a malformed one changes nothing.
 * Whatever is stored by then is known when it comes again: an import that was interrupted is
 * finished by another one.
 * @throws FileError when the file is malformed, or storing it stopped, with the place
 */
export async function importSpans(options: ImportOptions): Promise<Imported> {
  const { path, dataDir, retention, otlpHttpPort, ingestToken } = options
  const format = formatOf(path)
  for await (const _ of readRequests(path, format)) {
    // It throws at what is malformed.
  }
  const unlock = await lockFolder(dataDir).catch((error) => {
    if (error instanceof FolderInUseError) return undefined
    throw error
  })
  if (unlock === undefined) {
    return { ...(await storeAll(path, format, sender(otlpHttpPort, ingestToken))), by: 'collector' }
  }
  try {
    const traces = new TraceStore(dataDir, retention)
    try {
      const stored = await storeAll(path, format, async ({ payload }) => {
        const outcome = await traces.consumeTraces({ receiver: 'otlp-http-protobuf', payload })
        return outcome.rejectedSpans
      })
      await traces.settled()
      return { ...stored, by: 'folder' }
    } finally {
      traces.close()
    }
  } finally {
    await unlock()
  }
}

/** Stores a request, and answers how many of its spans could not be. */
type Store = (request: FileRequest) => Promise<number>

async function storeAll(path: string, format: FileFormat, store: Store) {
  const total = { requests: 0, spans: 0, rejectedSpans: 0 }
  for await (const request of readRequests(path, format)) {
    try {
      const rejected = await store(request)
      total.requests++
      total.spans += request.spans - rejected
      total.rejectedSpans += rejected
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new FileError(
        `${path}, ${request.place}: ${reason}. The ${total.requests} requests before it are ` +
          'stored; import the file again for the rest',
      )
    }
  }
  return total
}

/** Sends to the collector that is running, in protobuf, and waits for each answer. */
function sender(port: number, token: string | undefined): Store {
  const url = `http://127.0.0.1:${port}/v1/traces`
  const headers = {
    'content-type': 'application/x-protobuf',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  return async ({ payload }) => {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(url, {
        method: 'POST',
        headers,
        body: new Uint8Array(payload),
      }).catch(() => {
        throw new Error(`a collector is using the folder, but not receiving on port ${port}`)
      })
      const answer = Buffer.from(await response.arrayBuffer())
      if (response.ok) {
        const success = readSuccess(answer)
        return success.kind === 'taken' ? success.rejectedSpans : 0
      }
      const isBusy = response.status === 429 || response.status === 503
      if (!isBusy || attempt === attempts) {
        throw new Error(`the collector answered with status ${response.status}`)
      }
      await delay(1_000 * (Number(response.headers.get('retry-after')) || 1))
    }
  }
}
