import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { guarded, reasonToRefuseHost, serveOnLoopback } from '@pingtrace/loopback'
import { describe, expect, onTestFinished, test } from 'vitest'
import { relayToLoopback } from './relay.ts'

/** Linux answers for all of 127.0.0.0/8, so that this stands for an address of another network. */
const outside = '127.0.0.2'

describe.skipIf(process.platform !== 'linux')('the relay of a container', () => {
  test('carries requests both ways, and the server judges the Host as it was sent', async () => {
    const port = await guardedEcho()
    await expect(ask(port, `localhost:${port}`, 'hello')).rejects.toThrow('ECONNREFUSED')

    const relay = await relayToLoopback([port], [outside])
    onTestFinished(() => relay.close())
    // More than any buffer on the way holds.
    const long = 'x'.repeat(3_000_000)
    expect(await ask(port, `localhost:${port}`, long)).toEqual({ status: 200, body: long })
    const refused = await ask(port, 'attacker.example', 'hello')
    expect(refused.status).toBe(403)
  })

  test('ends one side with the other, whichever goes first', async () => {
    const server = createTcpServer({ allowHalfOpen: true })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const relay = await relayToLoopback([port], [outside])
    onTestFinished(() => {
      relay.close()
      server.close()
    })

    const connected = once(server, 'connection')
    const client = connect(port, outside)
    const [accepted] = (await connected) as [Socket]
    // A client that has said all still gets its answer.
    client.end('question')
    expect(String((await once(accepted, 'data'))[0])).toBe('question')
    await once(accepted, 'end')
    accepted.end('answer')
    expect(await text(client)).toBe('answer')

    const connectedAgain = once(server, 'connection')
    const leaving = connect(port, outside)
    const [left] = (await connectedAgain) as [Socket]
    leaving.resetAndDestroy()
    await once(left.resume(), 'end')
    left.destroy()
  })

  test('drops a caller when nobody listens inside', async () => {
    const closed = createTcpServer()
    await once(closed.listen(0, '127.0.0.1'), 'listening')
    const { port } = closed.address() as AddressInfo
    closed.close()
    await once(closed, 'close')
    const relay = await relayToLoopback([port], [outside])
    onTestFinished(() => relay.close())
    await expect(ask(port, `localhost:${port}`, 'hello')).rejects.toThrow()
  })
})

async function guardedEcho(): Promise<number> {
  const listener = guarded(
    (incoming, response) => incoming.pipe(response),
    (asked) => reasonToRefuseHost(asked, []),
    (body) => ({ contentType: 'text/plain', body }),
  )
  const server = await serveOnLoopback(() => createServer(listener), 0)
  onTestFinished(() => server.close(0))
  return server.port
}

function ask(port: number, host: string, body: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: outside, port, method: 'POST', headers: { host } })
    asking.on('error', reject)
    asking.on('response', async (response) => {
      resolve({ status: response.statusCode ?? 0, body: await text(response) })
    })
    asking.end(body)
  })
}
