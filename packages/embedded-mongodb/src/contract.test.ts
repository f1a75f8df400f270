import type { EmbeddedServer } from '@pingtrace/embedded-server'
import { afterAll, beforeAll, describe } from 'vitest'
import { mongodbContract } from './contract.ts'
import { startEmbeddedMongodb } from './index.ts'

describe('the embedded MongoDB server', () => {
  let server: EmbeddedServer
  beforeAll(async () => {
    server = await startEmbeddedMongodb()
  })
  afterAll(() => server.stop())
  mongodbContract(() => server.url)
})

// The same behaviours, of a real server: MONGODB_URL=mongodb://127.0.0.1:27017 npm test
describe.skipIf(!process.env.MONGODB_URL)('the MongoDB of MONGODB_URL', () => {
  mongodbContract(() => process.env.MONGODB_URL ?? '')
})
