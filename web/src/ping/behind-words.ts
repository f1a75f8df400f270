import type { BackingService, Behind } from './behind-store.ts'
import { reasonText } from './reason-text.ts'

/** One part a server; nothing while the API has not answered yet. */
export function behindText(behind: Behind): string[] {
  if (behind.state === 'asking') return []
  if (behind.state === 'unknown') return ['not known: the API does not answer this page']
  return [
    describe('Redis', behind.redis, `the ${valkey(behind.redis)} engine in WebAssembly`),
    describe('MongoDB', behind.mongodb, 'a small stand-in, not MongoDB'),
  ]
}

/** @param embedded what the embedded server is; a real one says itself what it is */
function describe(name: string, service: BackingService, embedded: string): string {
  const { kind, server, address, reason } = service
  const what =
    kind === 'embedded' ? `${embedded} (embedded)` : `${server ?? 'a server'} at ${address}`
  return `${name}: ${what}${server === undefined ? `, not reachable: ${reasonText(reason ?? '')}` : ''}`
}

/** With its version, when it is there to tell it. */
function valkey({ server }: BackingService): string {
  return (server ?? 'Valkey').replace(/^valkey/, 'Valkey')
}
