import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { readStatusMessage, readSuccess } from './answers.ts'
import type { ForwardSettings } from './settings.ts'
import { asked, type SendResult, type Target, withHint } from './target.ts'

const compress = promisify(gzip)

/** opentelemetry-proto, docs/specification.md, "OTLP/HTTP Response": every other 4xx and 5xx is final. */
const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504])

/** More of an answer than its message needs is read and forgotten. */
const maxAnswerBytes = 64 * 1024

/** OTLP/HTTP with protobuf, over one connection that is kept. */
export function httpTarget(settings: ForwardSettings): Target {
  const { url, headers, timeoutMs, tls } = settings
  const secure = url.protocol === 'https:'
  const agent = secure
    ? new HttpsAgent({ ...tls, keepAlive: true, maxSockets: 1 })
    : new HttpAgent({ keepAlive: true, maxSockets: 1 })

  /** Node's own fetch would be shorter, but cannot be told which CA to trust. */
  const post = (body: Buffer, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(url, {
        method: 'POST',
        agent,
        signal,
        headers: {
          ...Object.fromEntries(headers),
          'content-type': 'application/x-protobuf',
          'content-length': body.length,
          ...(settings.gzip && { 'content-encoding': 'gzip' }),
        },
      })
      request.on('response', resolve)
      request.on('error', (error: NodeJS.ErrnoException) => {
        // The server closed a kept connection while we were about to use it: no failure yet.
        const wasClosing = request.reusedSocket && error.code === 'ECONNRESET'
        if (wasClosing) post(body, signal).then(resolve, reject)
        else reject(error)
      })
      request.end(body)
    })

  return {
    name: `${url.origin}${url.pathname} (http/protobuf)`,
    close: () => agent.destroy(),
    send: async (body, stop) => {
      // Not AbortSignal.any: each leaves something at `stop`, which lives as long as the collector.
      const over = new AbortController()
      const end = () => over.abort()
      let isLate = false
      const timeout = setTimeout(() => {
        isLate = true
        end()
      }, timeoutMs)
      stop.addEventListener('abort', end)
      if (stop.aborted) end()
      try {
        const content = settings.gzip ? await compress(body) : body
        const response = await post(content, over.signal)
        return judge(response, await readAnswer(response))
      } catch (error) {
        if (isLate) return { kind: 'retry', reason: `no answer in ${timeoutMs} ms` }
        return { kind: 'retry', reason: withHint(describe(error as NodeJS.ErrnoException)) }
      } finally {
        clearTimeout(timeout)
        stop.removeEventListener('abort', end)
      }
    },
  }
}

function judge({ statusCode = 0, headers }: IncomingMessage, answer: Buffer): SendResult {
  const isProtobuf = headers['content-type']?.startsWith('application/x-protobuf') ?? false
  if (statusCode >= 200 && statusCode < 300) return readSuccess(isProtobuf ? answer : Buffer.of())
  const said = isProtobuf ? readStatusMessage(answer) : answer.toString()
  const reason = withHint(`HTTP ${statusCode} ${said.slice(0, 200)}`.trim())
  if (!retryable.has(statusCode)) return { kind: 'refused', reason }
  const afterMs = readRetryAfter(headers['retry-after'])
  return { kind: 'retry', reason, ...(afterMs !== undefined && { afterMs }) }
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function readRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) return asked(Number(value) * 1_000)
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : asked(date - Date.now())
}

async function readAnswer(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= maxAnswerBytes) chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Where every address of a name refused, Node's error has no message of its own. */
function describe({ message, code }: NodeJS.ErrnoException): string {
  return message || code || 'no connection'
}
