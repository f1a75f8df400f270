import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Long, serialize } from 'bson'
import fc from 'fast-check'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startServer } from './server.ts'

let server: Awaited<ReturnType<typeof startServer>>
/** A well-behaved client beside the others, which must never notice them. */
let bystander: MongoClient

beforeAll(async () => {
  // One line for each connection that is ended.
  vi.spyOn(console, 'error').mockReturnValue()
  server = await startServer(0)
  bystander = await new MongoClient(`mongodb://127.0.0.1:${server.port}`, {
    maxPoolSize: 1,
  }).connect()
})
afterAll(async () => {
  await bystander.close()
  await server.close()
  vi.restoreAllMocks()
})

function frame(opCode: number, ...parts: Uint8Array[]): Buffer {
  const header = Buffer.alloc(16)
  header.writeInt32LE(16 + parts.reduce((sum, { length }) => sum + length, 0), 0)
  header.writeInt32LE(7, 4)
  header.writeInt32LE(opCode, 12)
  return Buffer.concat([header, ...parts])
}
const flags = (value = 0) => Buffer.from(Int32Array.of(value).buffer)
const body = (command: object) => Buffer.concat([Buffer.of(0), serialize(command)])
const message = (command: object) => frame(2013, flags(), body({ ...command, $db: 'test' }))
function sequence(name: string, ...documents: object[]): Buffer {
  const content = Buffer.concat([
    Buffer.from(`${name}\0`),
    ...documents.map((doc) => serialize(doc)),
  ])
  return Buffer.concat([Buffer.of(1), flags(4 + content.length), content])
}
const legacy = (collection: string, command: object) =>
  frame(2004, flags(), Buffer.from(`${collection}\0`), flags(), flags(-1), serialize(command))

const wellFormed = [
  legacy('admin.$cmd', { ismaster: 1, helloOk: true }),
  message({ hello: 1 }),
  message({ find: 'test', filter: { a: { $gt: 1 } }, sort: { a: 1 }, projection: { a: 1 } }),
  message({ insert: 'test', documents: [{ _id: 1, a: 1 }] }),
  message({ getMore: Long.fromNumber(1), collection: 'test' }),
  frame(
    2013,
    flags(),
    body({ insert: 'test', $db: 'test' }),
    sequence('documents', { a: 1 }, { b: 'text' }),
  ),
  frame(
    2013,
    flags(),
    body({ delete: 'test', $db: 'test' }),
    sequence('deletes', { q: { a: { $in: [1, 2] } }, limit: 0 }),
  ),
]

/** Sends bytes and resolves when there is an answer, or the server has closed the connection. */
async function send(bytes: Buffer): Promise<'answered' | 'closed'> {
  const socket: Socket = connect(server.port, '127.0.0.1')
  const outcome = new Promise<'answered' | 'closed'>((resolve) => {
    socket.once('data', () => resolve('answered'))
    socket.once('close', () => resolve('closed'))
    // A reset arrives as an error, then as a close.
    socket.on('error', () => undefined)
  })
  // Ending our side tells the server that an unfinished message stays unfinished.
  socket.end(bytes)
  const result = await outcome
  socket.destroy()
  return result
}

const bystanderLives = async () => {
  expect(await bystander.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 })
}

it.each(wellFormed.map((bytes, index) => [index, bytes] as const))(
  'answers the well-formed message %i',
  async (_, bytes) => {
    expect(await send(bytes)).toBe('answered')
  },
)

it('answers a message that comes byte by byte, and two that come at once', async () => {
  const socket = connect(server.port, '127.0.0.1').setNoDelay(true)
  const ping = message({ ping: 1 })
  for (const byte of ping) socket.write(Buffer.of(byte))
  const [first] = (await once(socket, 'data')) as [Buffer]
  socket.write(Buffer.concat([ping, ping]))
  let received = 0
  while (received < 2 * first.length) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    received += chunk.length
  }
  expect(received).toBe(2 * first.length)
  socket.destroy()
})

const truncated = Buffer.from(body({ ping: 1 }))
truncated.writeInt32LE(4_000, 1)
const deep = () => {
  let command: object = {}
  for (let depth = 0; depth < 5_000; depth++) command = { a: command }
  return command
}

it.each<[string, Buffer]>([
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['a negative length', flags(-1)],
  ['a length over the limit', flags(48_000_001)],
  ['an unknown opCode', frame(2012, flags())],
  ['an unknown flag', frame(2013, flags(4), body({ ping: 1 }))],
  ['a checksum', frame(2013, flags(1), body({ ping: 1 }), flags())],
  ['no section', frame(2013, flags())],
  ['no flags', frame(2013)],
  ['two commands', frame(2013, flags(), body({ ping: 1 }), body({ ping: 1 }))],
  ['a section of kind 2', frame(2013, flags(), Buffer.of(2))],
  ['a document longer than its message', frame(2013, flags(), truncated)],
  ['a sequence longer than its message', frame(2013, flags(), Buffer.of(1), flags(9_999))],
  ['a sequence shorter than its size', frame(2013, flags(), Buffer.of(1), flags(2))],
  ['a sequence without a name', frame(2013, flags(), Buffer.of(1), flags(5), Buffer.of(65))],
  ['a query of a collection', legacy('test.test', { ismaster: 1 })],
  ['a query for more than the handshake', legacy('admin.$cmd', { insert: 'test' })],
  ['a query without an end', frame(2004, flags(), Buffer.from('admin'))],
])('ends a connection that sends %s, and no other', async (_, bytes) => {
  expect(await send(bytes)).toBe('closed')
  await bystanderLives()
})

it('survives a document thousands deep', async () => {
  await send(message({ find: 'test', filter: deep() }))
  await send(message({ insert: 'test', documents: [deep()] }))
  await bystanderLives()
})

it('survives whatever a real message can be changed into', { timeout: 60_000 }, async () => {
  const change = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) })
  const mutated = fc.record({
    original: fc.constantFrom(...wellFormed),
    changes: fc.array(change, { minLength: 1, maxLength: 4 }),
    cut: fc.option(fc.nat()),
  })
  await fc.assert(
    fc.asyncProperty(mutated, async ({ original, changes, cut }) => {
      const bytes = Buffer.from(original)
      // The length stays as it is: a wrong one would hide everything behind it.
      for (const { at, value } of changes) bytes[4 + (at % (bytes.length - 4))] = value
      const sent = cut === null ? bytes : bytes.subarray(0, cut % bytes.length)
      await send(sent)
    }),
    { numRuns: 1_000, interruptAfterTimeLimit: 8_000 },
  )
  await bystanderLives()
})
