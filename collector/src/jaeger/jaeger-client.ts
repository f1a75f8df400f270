import type { TracesData } from '@pingtrace/otlp'
import { Turns } from '../turns.ts'

/** Jaeger is away, answers something else, or refuses; the message is for people. */
export class JaegerError extends Error {
  override name = 'JaegerError'
  /** The status that Jaeger answered with; undefined when it did not. */
  readonly status: number | undefined

  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}

/** Of Jaeger's `/api/v3/trace-summaries`, as 2.20 answers it: zeros and empty texts are left out. */
export interface JaegerSummary {
  traceId: string
  rootServiceName?: string
  rootOperationName?: string
  minStartTimeUnixNano?: string
  maxEndTimeUnixNano?: string
  spanCount?: number
  errorSpanCount?: number
  services?: { name?: string }[]
}

const timeoutMs = 30_000
/** An answer is held whole: pages that follow traces of Jaeger wait for each other. */
const atOnce = 4
const maxBytes = 64 * 1024 * 1024

/** Asks one Jaeger, whose address nobody but who started the collector can choose. */
export class JaegerClient {
  readonly #base: URL
  readonly #maxBytes: number
  readonly #turns = new Turns(atOnce)

  /** @param base ends with a slash (readJaegerUrl) */
  constructor(base: URL, limit = maxBytes) {
    this.#base = base
    this.#maxBytes = limit
  }

  get address(): string {
    return this.#base.href
  }

  /** The bytes of a trace as JSON, `{ result: TracesData }`; undefined when there is no such trace. */
  async readTrace(traceId: string, signal: AbortSignal): Promise<Buffer | undefined> {
    try {
      return await this.#get(`api/v3/traces/${encodeURIComponent(traceId)}`, {}, signal)
    } catch (error) {
      if (error instanceof JaegerError && error.status === 404) return undefined
      throw error
    }
  }

  services(signal: AbortSignal): Promise<object> {
    return this.#json('api/v3/services', {}, signal)
  }

  operations(service: string, signal: AbortSignal): Promise<object> {
    return this.#json('api/v3/operations', { service }, signal)
  }

  /** @param parameters with their `query.` in front */
  async summaries(
    parameters: Record<string, string>,
    signal: AbortSignal,
  ): Promise<JaegerSummary[]> {
    try {
      const path = 'api/v3/trace-summaries'
      const { summaries = [] } = (await this.#json(path, parameters, signal)) as {
        summaries?: JaegerSummary[]
      }
      return summaries
    } catch (error) {
      if (!(error instanceof JaegerError) || error.status !== 404) throw error
      throw new JaegerError('this Jaeger has no /api/v3/trace-summaries: that came with 2.20', 404)
    }
  }

  async #json(path: string, parameters: Record<string, string>, signal: AbortSignal) {
    return parseObject(await this.#get(path, parameters, signal))
  }

  #get(path: string, parameters: Record<string, string>, signal: AbortSignal): Promise<Buffer> {
    return this.#turns.take(() => this.#ask(path, parameters, signal))
  }

  async #ask(
    path: string,
    parameters: Record<string, string>,
    signal: AbortSignal,
  ): Promise<Buffer> {
    signal.throwIfAborted()
    const url = new URL(path, this.#base)
    url.search = new URLSearchParams(parameters).toString()
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    try {
      // Nothing of the browser's request is passed on, and a redirection would be another target.
      const headers = { accept: 'application/json' }
      const response = await fetch(url, { headers, redirect: 'error', signal: within })
      const body = await this.#readBody(response)
      if (!response.ok) throw new JaegerError(messageOf(body, response.status), response.status)
      return body
    } catch (error) {
      if (error instanceof JaegerError || signal.aborted) throw error
      if (within.aborted) throw new JaegerError(`Jaeger took over ${timeoutMs / 1_000} s`)
      throw new JaegerError(`Jaeger does not answer: ${reasonOf(error)}`)
    }
  }

  async #readBody({ body }: Response): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    let size = 0
    for await (const chunk of body ?? []) {
      size += chunk.byteLength
      // Leaving the loop lets go of the connection.
      if (size > this.#maxBytes) {
        throw new JaegerError(`Jaeger's answer has over ${this.#maxBytes} bytes`)
      }
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  }
}

/** The spans of what `readTrace` has read. */
export function traceOf(body: Buffer): TracesData {
  return (parseObject(body) as { result?: TracesData }).result ?? {}
}

function parseObject(body: Buffer): object {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'))
    if (typeof value === 'object' && value !== null) return value
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new JaegerError('what answers there is no Jaeger: the answer is not its JSON')
}

function messageOf(body: Buffer, status: number): string {
  try {
    const { error } = parseObject(body) as { error?: { message?: unknown } }
    if (typeof error?.message === 'string') return `Jaeger refuses: ${error.message}`
  } catch (error) {
    if (!(error instanceof JaegerError)) throw error
  }
  return `Jaeger answers HTTP ${status}`
}

/** fetch hides what happened behind "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error ? cause.message || cause.name : error.message
}
