import { startEmbeddedMongodb } from './index.ts'

// A parent for the test to kill; it has nothing to do with how the server is used.
const server = await startEmbeddedMongodb()
process.send?.({ port: server.port })
