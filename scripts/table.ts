import { queryTokenVariable } from '@pingtrace/loopback'
import { shownUrl } from './shown-url.ts'
import type { BackingService, Stack } from './stack.ts'

type Row = [what: string, where: string, how: string]

/** What the API's `/health` says of a server behind it. */
type Reachable = Partial<Record<'redis' | 'mongodb', { reachable: boolean; reason?: string }>>

/**
 * What runs, where, and what is embedded and what is real. The processes are asked for what only
 * they know: a server that cannot be reached is not called real without a word of that.
 */
export async function describeStack(stack: Stack, fromSource: boolean): Promise<string> {
  const { ports, redis, mongodb } = stack
  const [behind, collector] = await Promise.all([
    ask<Reachable>(`http://127.0.0.1:${ports.api}/health`),
    ask<{ forwarding?: { target: string }[] }>(
      `http://127.0.0.1:${ports.query}/healthz`,
      process.env[queryTokenVariable],
    ),
  ])
  const embedded = {
    redis: 'the real Valkey engine, in WebAssembly',
    mongodb: 'a small stand-in of our own, not MongoDB',
  }
  const rows: Row[] = [
    ['page', `http://localhost:${ports.web}`, 'React, built by Vite'],
    [
      'API',
      `http://localhost:${ports.api}/ping`,
      `Hono on Node${elsewhere('; the page calls', 'PINGTRACE_API_URL')}`,
    ],
    [
      'collector',
      `http://localhost:${ports.otlpHttp}/v1/traces`,
      `OTLP/HTTP in${elsewhere('; the page sends to', 'PINGTRACE_WEB_OTLP_ENDPOINT') || ': the page'}`,
    ],
    [
      '',
      `http://localhost:${ports.otlpGrpc}`,
      `OTLP/gRPC in${elsewhere('; the API sends to', 'PINGTRACE_API_OTLP_ENDPOINT') || ': the API'}`,
    ],
    fromSource
      ? ['', `http://localhost:${ports.query}/api/v3/services`, 'queries and the live stream']
      : ['', `http://localhost:${ports.query}`, 'the viewer alone, queries and the live stream'],
    ...(collector.forwarding ?? []).map(forwardingTo),
    backing('Redis', redis, embedded.redis, behind.redis),
    backing('MongoDB', mongodb, embedded.mongodb, behind.mongodb),
  ]
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length))
  return rows
    .map(([what, where, how]) => `  ${what.padEnd(width(0))}  ${where.padEnd(width(1))}  ${how}`)
    .join('\n')
}

function elsewhere(what: string, variable: string): string {
  const url = process.env[variable]
  return url ? `${what} ${shownUrl(url)}, from ${variable}` : ''
}

function forwardingTo({ target }: { target: string }): Row {
  return ['', `forwards to ${target}`, 'whatever it accepts']
}

function backing(
  name: string,
  { url, variable, embedded }: BackingService,
  engine: string,
  health: Reachable['redis'],
): Row {
  if (embedded) return [name, shownUrl(url), `EMBEDDED: ${engine}`]
  const away = health?.reachable === false ? `: not reachable (${health.reason})` : ''
  return [name, shownUrl(url), `real, from ${variable}${away}`]
}

/** Nothing, where there is no answer: the table is for people, and the parts are running. */
async function ask<T extends object>(url: string, token?: string): Promise<Partial<T>> {
  try {
    const headers = { ...(token && { authorization: `Bearer ${token}` }) }
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(3_000) })
    return (await response.json()) as T
  } catch {
    return {}
  }
}
