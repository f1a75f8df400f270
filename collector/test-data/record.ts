/**
 * Builds the clients in a folder and records what each sends, in each way it can:
 *
 *   OTELCOL=…/otelcol npx tsx collector/test-data/record.ts <folder>
 *
 * Needs Python 3 with venv (`PYTHON` names another), Go, Java 17 with Maven; a client that cannot be
 * built is told and left as it is recorded.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clients } from './clients.ts'
import { startRecorder } from './recorder.ts'

const folder = resolve(process.argv[2] ?? fail('which folder?'))
await mkdir(folder, { recursive: true })
const recorder = await startRecorder()
for (const client of clients) {
  try {
    if (!client.isBuilt(folder)) await client.build(folder)
  } catch (error) {
    console.error(`${client.name} cannot be built: ${error}`)
    continue
  }
  for (const [protocol, compression] of client.ways) {
    const endpoint = protocol === 'grpc' ? recorder.grpc : recorder.http
    await client.send(folder, protocol, compression, endpoint)
    const recordings = recorder.take()
    if (recordings.length !== 1) fail(`${client.name} sent ${recordings.length} requests, not one`)
    const name = `${client.name}-${protocol.replace('/', '-')}-${compression}`
    const file = fileURLToPath(new URL(`recorded/${name}.json`, import.meta.url))
    await writeFile(file, `${JSON.stringify(recordings[0], undefined, 2)}\n`)
    console.log(name)
  }
}
recorder.close()

function fail(why: string): never {
  console.error(why)
  process.exit(1)
}
