import { register } from 'node:module'

// The same application: only what it imports from its tracing folder does nothing here.
register('./without-tracing.mjs', import.meta.url)
const { servePings } = await import('./ping-server.ts')
await servePings(async () => undefined)
