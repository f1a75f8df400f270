import type { Ports } from '@pingtrace/loopback'
import { freePorts } from '../scripts/free-ports.ts'
import { ManagedProcess } from '../scripts/managed-process.ts'
import { portEnvironment, type Stack } from '../scripts/stack.ts'

/**
 * The page of the stack served once more, from a port that nothing of the stack lists: it may send
 * spans, and neither call the API nor query the collector.
 * @param env variables that differ from the stack's
 */
export async function startAnotherPage(
  stack: Stack,
  env: Record<string, string> = {},
): Promise<{ url: string; stop(): Promise<void> }> {
  const ports: Ports = { ...stack.ports, web: (await freePorts()).web }
  const server = new ManagedProcess({
    name: 'web',
    entry: 'web/dist-server/main.js',
    env: { ...portEnvironment(ports), ...env },
    fromSource: false,
    onLine: () => undefined,
    onCrash: () => undefined,
  })
  await server.start()
  return { url: `http://localhost:${ports.web}`, stop: () => server.stop() }
}
