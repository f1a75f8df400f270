import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@pingtrace/loopback/free-ports'
import { test as base } from '@pingtrace/trace-oracle/playwright'
import { freePorts } from '../scripts/free-ports.ts'
import { type Stack, startStack } from '../scripts/stack.ts'

export { expect } from '@pingtrace/trace-oracle/playwright'

interface WorkerFixtures {
  /**
   * Further variables for all of the stack; a file that uses other ones gets a stack of its own. With
   * none it is as people have it: no hook tells the oracle what was dropped, and the click is the root.
   */
  stackEnv: Record<string, string>
  /** The whole application in processes of its own, on free ports, with an empty store. */
  stack: Stack
}

export const test = base.extend<object, WorkerFixtures>({
  stackEnv: [{ PINGTRACE_FLUSH_HOOK: '1' }, { scope: 'worker', option: true }],
  stack: [
    async ({ stackEnv }, use) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'pingtrace-e2e-'))
      const lines: string[] = []
      const stack = await startStack({
        ports: await freePorts(),
        backingPorts: { redis: await freePort(), mongodb: await freePort() },
        dataDir,
        fromSource: false,
        // Not to where this machine's own telemetry goes.
        env: { OTEL_EXPORTER_OTLP_ENDPOINT: '', ...stackEnv },
        onLine: (name, line) => lines.push(`${name}: ${line}`),
        onCrash: (name, how) => {
          throw new Error(`${name} ended by itself (${how}):\n${lines.slice(-20).join('\n')}`)
        },
      })
      await use(stack)
      await stack.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
    // Each process may take a minute to start.
    { scope: 'worker', timeout: 180_000 },
  ],
  baseURL: async ({ stack }, use) => use(`http://localhost:${stack.ports.web}`),
  collectorUrl: async ({ stack }, use) => use(`http://localhost:${stack.ports.query}`),
  traceServices: async ({ stack, stackEnv }, use) => {
    const api = `http://localhost:${stack.ports.api}`
    const hasHook = stackEnv.PINGTRACE_FLUSH_HOOK !== undefined
    await use(hasHook ? { flush: [`${api}/pingtrace/flush`] } : { instrumented: [api] })
  },
})
