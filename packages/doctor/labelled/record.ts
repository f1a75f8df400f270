/**
 * Records traces of stock SDKs of other languages (clients/), through a collector that runs:
 *
 *   npm run collector
 *   npx tsx packages/doctor/labelled/record.ts <folder> <OTLP over HTTP> <queries>
 *
 * The folder has `shop`, built of clients/go (`go mod tidy && go build -o shop .`), and
 * `opentelemetry-javaagent.jar`, from Maven Central. Prints lines for recorded.jsonl.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '@pingtrace/loopback/free-ports'

const [folder, otlp = 'http://localhost:4318', queries = 'http://localhost:16686'] =
  process.argv.slice(2)
if (folder === undefined) throw new Error('which folder?')

const shopJava = fileURLToPath(new URL('clients/java/Shop.java', import.meta.url))
const programs = {
  go: [`${folder}/shop`],
  java: ['java', `-javaagent:${folder}/opentelemetry-javaagent.jar`, shopJava],
}
type Language = keyof typeof programs

function start(language: Language, service: string, ...args: string[]): ChildProcess {
  const [command = '', ...before] = programs[language]
  return spawn(command, [...before, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      OTEL_SERVICE_NAME: service,
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      // A source file is run by a JDK tool, which the agent leaves alone otherwise.
      OTEL_JAVAAGENT_ENABLED: 'true',
      // What names the machine it was recorded on.
      OTEL_JAVA_DISABLED_RESOURCE_PROVIDERS:
        'io.opentelemetry.instrumentation.resources.ProcessResourceProvider,io.opentelemetry.instrumentation.resources.HostResourceProvider,io.opentelemetry.instrumentation.resources.HostIdResourceProvider',
    },
  })
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function serve(language: Language, service: string, ...next: string[]) {
  const port = await freePort()
  const child = start(language, service, 'serve', `${port}`, ...next)
  while (!(await isListening(port))) await setTimeout(100)
  return { url: `http://localhost:${port}/items/`, child }
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill()
  await exit
}

/** A call from one to another: the trace, once both have exported. */
async function record(
  name: string,
  about: string,
  caller: Language,
  path: string,
  ...servers: [Language, ...Language[]]
) {
  let next: string[] = []
  const children: ChildProcess[] = []
  for (const [n, language] of servers.toReversed().entries()) {
    const { url, child } = await serve(language, `${name}-${servers.length - n}`, ...next)
    children.push(child)
    next = [`${url}7`]
  }
  const url = next[0]?.replace(/7$/, path) ?? ''
  await once(start(caller, `${name}-0`, 'call', url), 'exit')
  for (const child of children) await end(child)
  const query = `query.service_name=${name}-0&query.start_time_min=2026-01-01T00:00:00Z&query.start_time_max=2100-01-01T00:00:00Z`
  const answer = (await (await fetch(`${queries}/api/v3/traces?${query}`)).json()) as {
    result: unknown
  }
  console.log(JSON.stringify({ name, about, data: answer.result }))
}

await record('go', 'Go: otelhttp, as client and server', 'go', '7', 'go')
await record('go-404', 'the same, for what is not there', 'go', '7/x', 'go')
await record('java', 'Java: the agent, java.net.http to the JDK’s server', 'java', '7', 'java')
await record('java-404', 'the same, for what is not there', 'java', '8', 'java')
