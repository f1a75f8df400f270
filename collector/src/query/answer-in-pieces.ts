import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { TracesData } from '@pingtrace/otlp'
import type { Context } from 'hono'
import { SpansGoneError } from '../store/trace-reader.ts'

/**
 * Answers by JSON that is made as the client reads it: however long it gets, one piece of it is here.
 * Who reads nothing for `stallMs` is let go. An answer that cannot be finished breaks off, so that
 * nobody takes a part for the whole.
 */
export async function answerInPieces(
  c: Context<{ Bindings: HttpBindings }>,
  pieces: Iterable<string>,
  stallMs: number,
): Promise<Response> {
  const { outgoing } = c.env
  const gone = new AbortController()
  outgoing.once('close', () => gone.abort())
  // With nobody to hear of it, Node.js closes the connection.
  outgoing.setTimeout(stallMs)
  const headers = { ...Object.fromEntries(c.res.headers), 'Content-Type': 'application/json' }
  outgoing.writeHead(200, headers)
  try {
    for (const piece of pieces) {
      if (outgoing.destroyed || c.req.method === 'HEAD') break
      outgoing.write(piece)
      if (outgoing.writableNeedDrain) await once(outgoing, 'drain', { signal: gone.signal })
      await turn()
    }
    outgoing.end()
  } catch (error) {
    const isTold = outgoing.destroyed || error instanceof SpansGoneError
    if (!isTold) console.error('collector: an answer broke off:', error)
    outgoing.destroy()
  }
  return RESPONSE_ALREADY_SENT
}

/** The answer of Jaeger's gateway, part by part. */
export function* asJson(
  first: TracesData,
  others: Generator<TracesData, void>,
): Generator<string, void> {
  try {
    yield `{"result":{"resourceSpans":[${listed(first)}`
    for (const part of others) yield `,${listed(part)}`
    yield ']}}'
  } finally {
    others.return()
  }
}

function listed({ resourceSpans }: TracesData): string {
  return JSON.stringify(resourceSpans).slice(1, -1)
}
