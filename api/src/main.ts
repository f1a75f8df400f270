import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api'
import { AlwaysOnSampler } from '@opentelemetry/sdk-trace-node'
import {
  loopbackOrigins,
  readAllowedHosts,
  readOrigins,
  readPorts,
  runUntilStopped,
  serveOnLoopback,
} from '@pingtrace/loopback'
import { guardedApi } from './access.ts'
import { createApp } from './app.ts'
import { Faults, nobodyMongodb, nobodyRedis } from './faults.ts'
import { flushHook } from './flush-hook.ts'
import type { Leg } from './legs/leg.ts'
import { mongodbLeg } from './legs/mongodb.ts'
import { redisLeg } from './legs/redis.ts'
import { ExportLedger, startTracing } from './tracing/index.ts'

/**
 * Of all headers of a request. Node's own limit, 16 KiB, would answer a request with a giant
 * `traceparent` before anything of ours could find out that it is one.
 */
const MAX_HEADER_BYTES = 64 * 1024

/** Longer than `/ping` takes when both legs run into their limit. */
const GRACE_MS = 4_000

async function main(): Promise<void> {
  const { env } = process
  const ports = readPorts(env)
  const allowedHosts = readAllowedHosts(env)
  const allowedOrigins = [
    ...loopbackOrigins(ports.web),
    ...readOrigins(env, 'PINGTRACE_API_ORIGINS'),
  ]
  const redis = behind('REDIS_URL', redisLeg)
  const mongodb = behind('MONGODB_URL', mongodbLeg)

  // What the tracing has to say goes to this process's log: the tracing itself knows no console.
  diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.INFO)
  const ledger = env.PINGTRACE_FLUSH_HOOK === '1' ? new ExportLedger() : undefined
  const tracing = startTracing({
    defaultServiceName: 'pingtrace-api',
    serviceVersion: '0.1.0',
    defaultEndpoint: `http://127.0.0.1:${ports.otlpGrpc}`,
    // Every trace. The usual sampler obeys the caller's "not sampled" flag, and a server that
    // strangers can call would let any of them switch its tracing off.
    sampler: new AlwaysOnSampler(),
    ledger,
  })

  const faults = env.PINGTRACE_FAULTS === '1' ? new Faults() : undefined
  const app = createApp({
    redis: faults?.breakable(redis, () => redisLeg(nobodyRedis)) ?? redis,
    mongodb: faults?.breakable(mongodb, () => mongodbLeg(nobodyMongodb)) ?? mongodb,
    faults,
    allowedOrigins,
    embedded: new Set(list(env.PINGTRACE_EMBEDDED)),
    flush: ledger && flushHook(tracing, ledger),
  })
  const listener = guardedApi(
    getRequestListener(app.fetch, { overrideGlobalObjects: false }),
    allowedOrigins,
    allowedHosts,
  )
  const server = await serveOnLoopback(
    () => createServer({ maxHeaderSize: MAX_HEADER_BYTES }, listener),
    ports.api,
  )
  console.log(`api: http://localhost:${server.port}`)

  runUntilStopped(async () => {
    // In this order: the last requests end their spans, then the spans leave.
    await server.close(GRACE_MS)
    await Promise.all([tracing.shutdown(), redis.close(), mongodb.close()])
  })
}

/**
 * The leg to the server that a variable names. There is no default server to fall back to.
 * @throws Error that names the variable when it is missing or no URL; never with its value, which
 * may hold a password
 */
function behind(variable: string, open: (url: string) => Leg): Leg {
  const url = process.env[variable]
  if (url === undefined || url === '') {
    throw new Error(`${variable} is not set; "npm start" sets it, or name a server of your own`)
  }
  try {
    return open(url)
  } catch (error) {
    throw new Error(`${variable} is no usable URL: ${(error as Error).message}`, { cause: error })
  }
}

/** The entries of a comma-separated variable. */
function list(value: string | undefined): string[] {
  return (value ?? '').split(',').flatMap((entry) => entry.trim() || [])
}

main().catch((error: unknown) => {
  // One line: what is wrong here, configuration or a port in use, is the reader's to mend.
  console.error(`api: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
})
