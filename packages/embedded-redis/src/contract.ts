import { randomBytes } from 'node:crypto'
import { createClient, RESP_TYPES } from 'redis'
import { afterAll, beforeAll, expect, it } from 'vitest'

/**
 * What pingtrace expects of Redis, through the official driver as it comes. Registers the tests in
 * the suite that calls it; every key has a prefix of its own and is deleted afterwards.
 */
export function redisContract(url: () => string): void {
  const prefix = `pingtrace-contract:${randomBytes(6).toString('hex')}:`
  const key = (name: string) => `${prefix}${name}`
  const open = () => createClient({ url: url() }).connect()
  let redis: Awaited<ReturnType<typeof open>>

  beforeAll(async () => {
    redis = await open()
  })

  afterAll(async () => {
    const ours = await redis.keys(`${prefix}*`)
    if (ours.length > 0) await redis.del(ours)
    await redis.close()
  })

  it('answers PING', async () => {
    expect(await redis.ping()).toBe('PONG')
  })

  it('gives back what was set, and null for what never was', async () => {
    expect(await redis.set(key('word'), 'Grüße 🙂')).toBe('OK')
    expect(await redis.get(key('word'))).toBe('Grüße 🙂')
    expect(await redis.get(key('nothing'))).toBeNull()
  })

  it('sets several keys at once and gets them in the order asked for', async () => {
    expect(await redis.mSet({ [key('a')]: '1', [key('b')]: '2' })).toBe('OK')
    expect(await redis.mGet([key('b'), key('missing'), key('a')])).toEqual(['2', null, '1'])
  })

  it('runs a transaction as one', async () => {
    const replies = await redis.multi().set(key('n'), '41').incr(key('n')).get(key('n')).exec()
    expect(replies).toEqual(['OK', 42, '42'])
  })

  it('answers a long pipeline in order', async () => {
    const numbers = Array.from({ length: 5_000 }, (_, index) => String(index))
    const echoed = await Promise.all(numbers.map((number) => redis.echo(number)))
    expect(echoed).toEqual(numbers)
  })

  it('keeps a key for its time and no longer', async () => {
    await redis.set(key('brief'), 'x', { expiration: { type: 'PX', value: 60_000 } })
    const left = await redis.pTTL(key('brief'))
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(60_000)
    // A time in the past is how a test sees an expiry without waiting for it.
    await redis.pExpireAt(key('brief'), 1)
    expect(await redis.get(key('brief'))).toBeNull()
  })

  it('keeps every byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const binary = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
    await redis.set(key('bytes'), bytes)
    expect(await binary.get(key('bytes'))).toEqual(bytes)
  })

  it('carries a value of 8 MiB there and back', async () => {
    const value = randomBytes(4 * 1024 * 1024).toString('hex')
    await redis.set(key('big'), value)
    expect((await redis.get(key('big'))) === value).toBe(true)
  })

  it('answers misuse with an error and goes on', async () => {
    await redis.set(key('string'), 'x')
    await expect(redis.lPush(key('string'), 'y')).rejects.toThrow(/^WRONGTYPE/)
    await expect(redis.sendCommand(['NOSUCH'])).rejects.toThrow(/^ERR unknown command 'NOSUCH'/)
    await expect(redis.sendCommand(['GET'])).rejects.toThrow(/^ERR wrong number of arguments/)
    expect(await redis.get(key('string'))).toBe('x')
  })

  it('serves 50 connections at once', async () => {
    const clients = await Promise.all(Array.from({ length: 50 }, open))
    const counts = await Promise.all(clients.map((client) => client.incr(key('count'))))
    expect(counts.sort((a, b) => a - b)).toEqual(counts.map((_, index) => index + 1))
    await Promise.all(clients.map((client) => client.close()))
  })
}
