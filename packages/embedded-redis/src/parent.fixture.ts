import { startEmbeddedRedis } from './index.ts'

// A parent for the test to kill; it has nothing to do with how the server is used.
const server = await startEmbeddedRedis()
process.send?.({ port: server.port })
