import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ports } from '@pingtrace/loopback'
import { test as base } from '@playwright/test'
import { type Stack, startStack } from '../scripts/stack.ts'
import { StoredTraces } from './stored-traces.ts'

export { expect } from '@playwright/test'

interface WorkerFixtures {
  /** The whole application in processes of its own, on free ports, with an empty store. */
  stack: Stack
}

interface TestFixtures {
  /** What the collector has stored, read through its query API. */
  stored: StoredTraces
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  stack: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names from this pattern
    async ({}, use) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'pingtrace-e2e-'))
      const lines: string[] = []
      const stack = await startStack({
        ports: await freePorts(),
        dataDir,
        fromSource: false,
        onLine: (name, line) => lines.push(`${name}: ${line}`),
        onCrash: (name, code) => {
          throw new Error(`${name} ended with exit code ${code}:\n${lines.slice(-20).join('\n')}`)
        },
      })
      await use(stack)
      await stack.stop()
      await rm(dataDir, { recursive: true, force: true })
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  baseURL: async ({ stack }, use) => use(`http://localhost:${stack.ports.web}`),
  stored: async ({ stack }, use) => use(new StoredTraces(`http://localhost:${stack.ports.query}`)),
})

/** Ports that were free a moment ago; held together so that they differ. */
export async function freePorts(): Promise<Ports> {
  const servers = await Promise.all(Array.from({ length: 5 }, () => listenAnywhere()))
  const [web, api, otlpGrpc, otlpHttp, query] = servers.map(({ port }) => port)
  await Promise.all(servers.map(({ close }) => close()))
  return { web, api, otlpGrpc, otlpHttp, query } as Ports
}

function listenAnywhere(): Promise<{ port: number; close: () => Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : 0,
        close: () => new Promise((closed) => server.close(() => closed())),
      })
    })
  })
}
