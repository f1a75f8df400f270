import { createServer, type Server, type Socket } from 'node:net'
import type { ReceiverState } from './receiver-state.ts'
import { answerInWords, noteOfHead, spokenIn, wrongProtocol } from './wrong-protocol.ts'

/** For a sender that goes on talking after it was told why it is not understood. */
const lingerMs = 1_000

/**
 * The sockets that a gRPC port listens on. It looks at what a connection says first, once: what is
 * HTTP/2 is handed on as it came; what is not would end in an error of the protocol, without a word to
 * its sender and without an entry among the requests.
 * @param strangers has the connections that are not handed on, or not yet
 */
export function createGrpcFront(
  state: ReceiverState,
  strangers: Set<Socket>,
  handOn: (socket: Socket) => void,
): Server {
  return createServer((socket) => {
    strangers.add(socket)
    const forget = () => strangers.delete(socket)
    socket.once('close', forget)
    // A sender that goes away needs no answer.
    socket.on('error', () => socket.destroy())
    const giveUp = () => socket.destroy()
    socket.setTimeout(state.limits.idleMs, giveUp)
    socket.once('readable', () => {
      const first: Buffer | null = socket.read()
      if (first === null) return void socket.destroy()
      if (spokenIn(first) !== 'http2') return refuse(socket, first, state)
      socket.setTimeout(0).off('timeout', giveUp).off('close', forget)
      forget()
      socket.unshift(first)
      handOn(socket)
    })
  })
}

function refuse(socket: Socket, first: Buffer, state: ReceiverState): void {
  const wrong = wrongProtocol('grpc', spokenIn(first), state.ports)
  state.log.add({ ...noteOfHead('grpc', first), ...wrong })
  answerInWords(socket, 400, `${wrong.message}. ${wrong.advice}`)
  // What else it says is read and forgotten, so that it gets to read the answer.
  socket.resume()
  const limit = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(limit))
}
