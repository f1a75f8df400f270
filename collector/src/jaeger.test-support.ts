import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@pingtrace/loopback/free-ports'
import { onTestFinished, vi } from 'vitest'
import { temporaryFolder } from './testing.ts'

/** Of version 2.20; without it, what compares with a real Jaeger is skipped, and says so. */
export const jaegerProgram = process.env.JAEGER

/** Resolves with its two ports when it answers; it ends with the test. */
export async function startJaeger() {
  const [http, query] = [await freePort(), await freePort()]
  const configuration = join(temporaryFolder(), 'jaeger.yaml')
  writeFileSync(configuration, JSON.stringify(configurationOf(http, query)))
  const child = spawn(jaegerProgram as string, ['--config', configuration], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const answers = () =>
    fetch(`http://127.0.0.1:${query}/api/v3/services`).then(
      ({ ok }) => ok || child.exitCode !== null,
      () => child.exitCode !== null,
    )
  await vi.waitUntil(answers, { timeout: 30_000 })
  return { http, query }
}

function configurationOf(http: number, query: number) {
  return {
    extensions: {
      jaeger_query: {
        storage: { traces: 'memory' },
        grpc: { endpoint: '127.0.0.1:0' },
        http: { endpoint: `127.0.0.1:${query}` },
      },
      jaeger_storage: { backends: { memory: { memory: { max_traces: 1_000 } } } },
    },
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${http}` } } } },
    exporters: { jaeger_storage_exporter: { trace_storage: 'memory' } },
    service: {
      extensions: ['jaeger_storage', 'jaeger_query'],
      telemetry: { metrics: { level: 'none' }, logs: { level: 'error' } },
      pipelines: { traces: { receivers: ['otlp'], exporters: ['jaeger_storage_exporter'] } },
    },
  }
}
