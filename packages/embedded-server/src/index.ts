export { runChild } from './run-child.ts'
export { type EmbeddedServer, startEmbeddedServer } from './start-child.ts'
