import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { Commands } from './commands.ts'
import { messageLength, readRequest, writeReply } from './wire.ts'

/**
 * Serves the MongoDB wire protocol on 127.0.0.1, without authentication, everything in memory.
 * @param port 0 takes a free one
 * @throws the listen error (EADDRINUSE and so on)
 */
export async function startServer(port: number): Promise<{ port: number; close(): Promise<void> }> {
  const commands = new Commands()
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // A client that is gone is no error of ours; 'close' follows.
    socket.on('error', () => undefined)
    serve(socket, commands)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** Answers one message after the other; the first malformed one ends this connection. */
function serve(socket: Socket, commands: Commands): void {
  let chunks: Buffer[] = []
  let received = 0
  /** Bytes that must be here before there is anything to do: a length, then a message. */
  let needed = 4
  socket.on('data', (chunk) => {
    chunks.push(chunk)
    received += chunk.length
    // A long message comes in many chunks; they are joined once, when it is complete.
    if (received < needed) return
    let bytes = Buffer.concat(chunks)
    try {
      for (;;) {
        needed = messageLength(bytes) ?? 4
        if (bytes.length < needed) break
        answer(socket, commands, bytes.subarray(0, needed))
        bytes = bytes.subarray(needed)
      }
      chunks = [bytes]
      received = bytes.length
      // Who does not read its replies gets to ask no more.
      if (socket.writableNeedDrain) {
        socket.pause()
        socket.once('drain', () => socket.resume())
      }
    } catch (error) {
      console.error(`MongoDB connection ended: ${String(error)}`)
      socket.destroy()
    }
  })
}

function answer(socket: Socket, commands: Commands, message: Buffer): void {
  const request = readRequest(message)
  const reply = commands.run(request.command)
  if (request.wantsReply) socket.write(writeReply(request, reply))
}
