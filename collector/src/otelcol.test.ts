import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Client, credentials } from '@grpc/grpc-js'
import { freePort } from '@pingtrace/loopback/free-ports'
import { expect, it, onTestFinished, vi } from 'vitest'
import { readConfiguration } from './config/configuration.ts'
import { recordLog } from './exporters/otlp-target.test-support.ts'
import {
  pageOrigin,
  postTraces,
  request,
  span,
  spanIdOf,
  startTestCollector,
  temporaryFolder,
  traceIdOf,
  tracesData,
} from './testing.ts'

// One file for both: otelcol.yaml as it is shipped, run by the official Collector and by ours, each in
// front of another of ours.

const program = process.env.OTELCOL
const configuration = fileURLToPath(new URL('../otelcol.yaml', import.meta.url))

interface Ports {
  grpc: number
  http: number
}

async function variables(forwardTo: number): Promise<Ports & { env: Record<string, string> }> {
  const [grpc, http] = [await freePort(), await freePort()]
  const env = {
    OTELCOL_GRPC_PORT: String(grpc),
    OTELCOL_HTTP_PORT: String(http),
    FORWARD_ENDPOINT: `127.0.0.1:${forwardTo}`,
    FORWARD_INSECURE: 'true',
  }
  return { grpc, http, env }
}

/** Ours with the same file and the same variables, in the place of the official one. */
async function startOurs(forwardTo: number): Promise<Ports> {
  const { grpc, http, env } = await variables(forwardTo)
  const source = readFileSync(configuration, 'utf8')
  const { receiver, ...rest } = readConfiguration(source, configuration, env)
  expect([receiver.grpc.port, receiver.http.port]).toEqual([grpc, http])
  const ports = { otlpGrpc: grpc, otlpHttp: http, query: 0 }
  await startTestCollector(temporaryFolder(), { ...rest, receiver, ports })
  return { grpc, http }
}

/** Resolves when it is ready; it ends with the test. @throws with its log, when it ends before that */
async function startOtelcol(forwardTo: number): Promise<Ports> {
  const { grpc, http, env } = await variables(forwardTo)
  // Its own metrics are on a fixed port, which another one may have.
  const args = ['--config', configuration, '--set=service.telemetry.metrics.level=none']
  const child = spawn(program as string, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const ready = vi.waitUntil(() => log.includes('Everything is ready'), { timeout: 15_000 })
  await Promise.race([ready, ended]).catch(() => undefined)
  if (!log.includes('Everything is ready'))
    throw new Error(`the official Collector is not ready: ${log}`)
  return { grpc, http }
}

function exportByGrpc(port: number, payload: Uint8Array): Promise<void> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure())
  onTestFinished(() => client.close())
  const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  const identity = (bytes: Buffer) => bytes
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(method, identity, identity, Buffer.from(payload), (error) =>
      error ? reject(error) : resolve(),
    )
  })
}

const collectors = [
  { name: 'the official one (needs OTELCOL, the binary)', start: startOtelcol, skip: !program },
  { name: 'ours', start: startOurs, skip: false },
]

for (const { name, start, skip } of collectors) {
  it.skipIf(skip)(`the shipped file makes ${name} forward both protocols`, async () => {
    recordLog()
    const behind = await startTestCollector()
    const { grpc, http } = await start(behind.ports.otlpGrpc)

    const preflight = await fetch(`http://127.0.0.1:${http}/v1/traces`, {
      method: 'OPTIONS',
      headers: {
        Origin: pageOrigin,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type',
      },
    })
    expect(preflight.headers.get('access-control-allow-origin')).toBe(pageOrigin)
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/content-type/i)
    expect(preflight.headers.get('access-control-max-age')).toBe('7200')

    const fromPage = tracesData('page', span(traceIdOf(1), spanIdOf(1)))
    const sent = await postTraces(http, JSON.stringify(fromPage), {
      'content-type': 'application/json',
      origin: pageOrigin,
    })
    expect(sent.status).toBe(200)
    await exportByGrpc(grpc, request('api', span(traceIdOf(1), spanIdOf(2))))

    await vi.waitUntil(
      async () => {
        const { services } = (await (await behind.query('/api/v3/services')).json()) as {
          services: string[]
        }
        return services.length === 2
      },
      { timeout: 15_000 },
    )
    const trace = (await (await behind.query(`/api/v3/traces/${traceIdOf(1)}`)).json()) as object
    const text = JSON.stringify(trace)
    expect(text).toContain(spanIdOf(1))
    expect(text).toContain(spanIdOf(2))
  })
}
