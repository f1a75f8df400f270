import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from './free-ports.ts'
import { loopbackAddresses } from './serve.ts'

test('gives ports that differ, and that no system gives to whoever asks for any', async () => {
  const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()))
  expect(new Set(ports).size).toBe(20)
  for (const port of ports) expect(port).toBeLessThan(32_768)
})

const own = new Set(
  Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .map((one) => one.address),
)

test.each(loopbackAddresses.filter((address) => own.has(address)))(
  'leaves out what somebody listens on at %s',
  async (address) => {
    const first = await freePort()
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(first + 1, address, resolve))
    onTestFinished(() => void server.close())
    expect(await freePort()).not.toBe(first + 1)
  },
)
