import type { Socket } from 'node:net'
import type { ReceiverState } from './receiver-state.ts'
import type { RequestNote } from './request-log.ts'
import {
  answerGoAway,
  answerInWords,
  noteOfHead,
  spokenIn,
  wrongProtocol,
} from './wrong-protocol.ts'

/** What Node says of a connection that cannot go on; what came last, where its parser stumbled. */
export type ConnectionError = NodeJS.ErrnoException & { rawPacket?: Buffer }

interface Refusal {
  code: number
  message: string
  advice: string
}

/**
 * Answers and notes what never became a request, or can be read no further.
 * @param note of the request that is under way on the connection, which is noted when it ends
 */
export function refuseConnection(
  error: ConnectionError,
  socket: Socket,
  state: ReceiverState,
  note: RequestNote | undefined,
): void {
  const { code = '', rawPacket = Buffer.alloc(0) } = error
  const isBroken = code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE'
  const isLate = code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead > 0
  if (!socket.writable || (!isBroken && !isLate)) return void socket.destroy()
  const spoken = note === undefined ? spokenIn(rawPacket) : 'http1'
  const refusal = refusalOf(code, spoken, state)
  if (note === undefined) {
    // Of headers that came in several pieces the last is no start.
    const known = noteOfHead('http', rawPacket)
    state.log.add({ ...known, ...refusal, code: spoken === 'http2' ? undefined : refusal.code })
  } else Object.assign(note, { ...refusal, outcome: 'refused' })
  const words = `${refusal.message}. ${refusal.advice}`
  if (spoken === 'http2') answerGoAway(socket, words)
  else answerInWords(socket, refusal.code, words)
  socket.destroySoon()
}

function refusalOf(
  code: string,
  spoken: ReturnType<typeof spokenIn>,
  { limits, ports }: ReceiverState,
): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return {
        code: 431,
        message: 'the headers are over 16 KiB',
        advice:
          'Send fewer or shorter ones: OTEL_EXPORTER_OTLP_HEADERS, or the cookies of localhost, which all its ports share.',
      }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return {
        code: 408,
        message: `it had not come after ${limits.requestMs} ms, or its headers after ${limits.headersMs}`,
        advice:
          'Look for a proxy between that holds requests back, or a sender that was suspended.',
      }
    case 'HPE_PAUSED_H2_UPGRADE':
      return { code: 400, ...wrongProtocol('http', 'http2', ports) }
    default:
      return spoken === 'http1'
        ? {
            code: 400,
            message: 'it is not HTTP all through',
            advice: 'Look at what lies between: a body that was cut, a length that is wrong.',
          }
        : { code: 400, ...wrongProtocol('http', spoken, ports) }
  }
}
