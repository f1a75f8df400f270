import type { EmbeddedServer } from '@pingtrace/embedded-server'
import { afterAll, beforeAll, describe } from 'vitest'
import { redisContract } from './contract.ts'
import { startEmbeddedRedis } from './index.ts'

describe('the embedded Redis', () => {
  let server: EmbeddedServer
  beforeAll(async () => {
    server = await startEmbeddedRedis()
  })
  afterAll(() => server.stop())
  redisContract(() => server.url)
})

// The same behaviours, of a real server: REDIS_URL=redis://127.0.0.1:6379 npm test
describe.skipIf(!process.env.REDIS_URL)('the Redis of REDIS_URL', () => {
  redisContract(() => process.env.REDIS_URL ?? '')
})
