import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage, type RequestListener } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect, it, onTestFinished } from 'vitest'
import { type LoopbackServer, serveOnLoopback } from './serve.ts'

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1')

async function serve(listener: RequestListener): Promise<LoopbackServer> {
  const server = await serveOnLoopback(() => createServer(listener), 0)
  onTestFinished(() => server.close(0))
  return server
}

const hello: RequestListener = (_, response) => response.end('hello')

async function text(response: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  return body
}

async function request(host: string, port: number, agent: Agent | false = false): Promise<string> {
  const [response] = (await once(get({ host, port, agent }), 'response')) as [IncomingMessage]
  return text(response)
}

it('answers on 127.0.0.1 and on a port that it names', async () => {
  const server = await serve(hello)
  expect(server.port).toBeGreaterThan(0)
  expect(await request('127.0.0.1', server.port)).toBe('hello')
})

it.skipIf(!hasIpv6)('answers on ::1, on the same port', async () => {
  const server = await serve(hello)
  expect(await request('::1', server.port)).toBe('hello')
})

it('throws EADDRINUSE, and holds no address afterwards', async () => {
  // Where there is IPv6, the second address is the taken one: the first must be let go again.
  const taken = createTcpServer().listen(0, hasIpv6 ? '::1' : '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const refused = serveOnLoopback(() => createServer(hello), port)
  await expect(refused).rejects.toMatchObject({ code: 'EADDRINUSE' })
  taken.close()
  await once(taken, 'close')
  const again = await serveOnLoopback(() => createServer(hello), port)
  expect(again.port).toBe(port)
  await again.close()
})

it('closes although a client keeps an idle connection alive', async () => {
  const server = await serve(hello)
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  await request('127.0.0.1', server.port, agent)
  expect(Object.values(agent.freeSockets).flat()).toHaveLength(1)
  // Longer than the test may take: only the idle connection's end lets it close.
  await server.close(60_000)
  await expect(request('127.0.0.1', server.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

it('closes although a browser has connected ahead of use', async () => {
  const server = await serve(hello)
  const socket = connect(server.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  await request('127.0.0.1', server.port) // By then the earlier connection has been accepted.
  const ended = once(socket.resume(), 'close')
  await server.close(60_000)
  await ended
})

it('lets a request in flight finish before it closes', async () => {
  let finish: () => void = () => undefined
  const server = await serve((_, response) => {
    response.flushHeaders()
    finish = () => response.end('late')
  })
  const agent = new Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  const asked = get({ host: '127.0.0.1', port: server.port, agent })
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  const closed = server.close(60_000)
  finish()
  expect(await text(response)).toBe('late')
  await closed
})

it('drops what does not finish in its time', async () => {
  const server = await serve((_, response) => response.flushHeaders())
  const asked = get({ host: '127.0.0.1', port: server.port, agent: false })
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  await server.close(1)
  await expect(text(response)).rejects.toThrow('aborted')
})

// Linux has all of 127.0.0.0/8, and so an address besides the one that is always bound.
it.skipIf(process.platform !== 'linux')('answers elsewhere only where it is told to', async () => {
  const server = await serve(hello)
  await expect(request('127.0.0.2', server.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  for (const elsewhere of [['127.0.0.2'], ['0.0.0.0'], ['0.0.0.0', '::']]) {
    const open = await serveOnLoopback(() => createServer(hello), 0, elsewhere)
    onTestFinished(() => open.close(0))
    expect(await request('127.0.0.2', open.port)).toBe('hello')
    expect(await request('127.0.0.1', open.port)).toBe('hello')
    if (hasIpv6) expect(await request('::1', open.port)).toBe('hello')
  }
})

it('throws where it is told of an address that this machine has not', async () => {
  // For documentation only (RFC 5737): nobody has it.
  const refused = serveOnLoopback(() => createServer(hello), 0, ['203.0.113.254'])
  await expect(refused).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' })
})
