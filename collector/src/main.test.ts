import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '@pingtrace/loopback/free-ports'
import { describe, expect, it, onTestFinished } from 'vitest'
import { environment, startTarget, token, until } from './exporters/otlp-target.test-support.ts'
import {
  impossibleFolder,
  postTraces,
  request,
  span,
  spanIdOf,
  startTestCollector,
  temporaryFolder,
  traceIdOf,
} from './testing.ts'

const script = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Whoever is root may do everything: permissions mean something to others only. */
const somebodyElse = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

function run(
  env: Record<string, string>,
  ipc = false,
  args: string[] = [],
  user: { uid?: number; gid?: number } = {},
) {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], {
    // Not where this machine's own telemetry goes.
    env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc' as const] : [])],
    ...user,
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  // Not 'close', which never comes once the channel has been let go of.
  const closed = Promise.all([
    once(child, 'exit'),
    once(child.stdout!, 'close'),
    once(child.stderr!, 'close'),
  ]).then(([exit]) => exit)
  return { child, output, closed }
}

async function freePortVariables() {
  return {
    PINGTRACE_OTLP_GRPC_PORT: String(await freePort()),
    PINGTRACE_OTLP_HTTP_PORT: String(await freePort()),
    PINGTRACE_QUERY_PORT: String(await freePort()),
  }
}

describe('the collector process', () => {
  it('says where it listens, is ready, and ends cleanly with its supervisor', async () => {
    const ports = await freePortVariables()
    const env = {
      ...ports,
      PINGTRACE_WEB_PORT: '9998',
      PINGTRACE_API_PORT: '9999',
      PINGTRACE_DATA_DIR: temporaryFolder(),
    }
    const { child, output, closed } = run(env, true)
    expect((await once(child, 'message'))[0]).toEqual({ ready: true })
    const origin = 'http://localhost:9998'
    const query = ports.PINGTRACE_QUERY_PORT
    const health = await fetch(`http://localhost:${query}/healthz`, { headers: { origin } })
    expect(health.headers.get('access-control-allow-origin')).toBe(origin)
    child.disconnect()
    expect((await closed)[0]).toBe(0)
    expect(output.stdout).toBe(
      `collector: OTLP/gRPC on ${ports.PINGTRACE_OTLP_GRPC_PORT}, ` +
        `OTLP/HTTP on ${ports.PINGTRACE_OTLP_HTTP_PORT}, queries on ${query}, 0 spans stored\n`,
    )
    expect(output.stderr).toBe('')
  })

  it('says how to send to it where nobody supervises it, and ends by a signal', async () => {
    const ports = await freePortVariables()
    const { child, output, closed } = run({ ...ports, PINGTRACE_DATA_DIR: temporaryFolder() })
    await until(() => output.stdout.includes('Ctrl-C ends it.'))
    expect(output.stdout).toContain(
      `OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:${ports.PINGTRACE_OTLP_HTTP_PORT}`,
    )
    child.kill('SIGTERM')
    expect((await closed)[0]).toBe(0)
    expect(output.stderr).toBe('')
  })

  it('says what can be set, without starting', async () => {
    const { output, closed } = run({}, false, ['--help'])
    expect((await closed)[0]).toBe(0)
    expect(output.stdout).toMatch(/^Usage: .*--config <file>.*PINGTRACE_DATA_DIR/s)
  })

  it('names the variable of a port that is in use', async () => {
    const { ports } = await startTestCollector()
    const env = {
      PINGTRACE_OTLP_GRPC_PORT: String(await freePort()),
      PINGTRACE_OTLP_HTTP_PORT: String(await freePort()),
      PINGTRACE_QUERY_PORT: String(ports.query),
      PINGTRACE_DATA_DIR: temporaryFolder(),
    }
    const { output, closed } = run(env)
    expect((await closed)[0]).toBe(1)
    expect(output.stderr).toBe(
      `collector: port ${ports.query} is in use; set PINGTRACE_QUERY_PORT to a free one\n`,
    )
  })

  it('is not reached from elsewhere with one token, and no switch', async () => {
    const env = {
      ...(await freePortVariables()),
      PINGTRACE_DATA_DIR: temporaryFolder(),
      PINGTRACE_BIND: '0.0.0.0',
      PINGTRACE_INGEST_TOKEN: 'a-token-of-senders',
    }
    const { output, closed } = run(env)
    expect((await closed)[0]).toBe(1)
    expect(output.stdout).toBe('')
    expect(output.stderr).toMatch(
      /^collector: PINGTRACE_BIND .* set PINGTRACE_QUERY_TOKEN .* PINGTRACE_BIND_WITHOUT_TOKENS=1\n$/,
    )
  })

  it('is reached from elsewhere without tokens where that was asked for twice, and says so', async () => {
    const ports = await freePortVariables()
    const env = {
      ...ports,
      PINGTRACE_DATA_DIR: temporaryFolder(),
      PINGTRACE_BIND: '0.0.0.0',
      PINGTRACE_BIND_WITHOUT_TOKENS: '1',
    }
    const { child, output, closed } = run(env, true)
    expect((await once(child, 'message'))[0]).toEqual({ ready: true })
    const url = `http://127.0.0.1:${ports.PINGTRACE_QUERY_PORT}/live/v1/traces`
    expect((await fetch(url)).status).toBe(200)
    child.disconnect()
    expect((await closed)[0]).toBe(0)
    expect(output.stderr).toBe('collector: whoever reaches 0.0.0.0 needs no token\n')
  })

  it('takes the tokens from its environment, and tells neither', async () => {
    const ports = await freePortVariables()
    const tokens = { ingest: 'a-token-of-senders', query: 'a-token-of-readers' }
    const env = {
      ...ports,
      PINGTRACE_DATA_DIR: temporaryFolder(),
      PINGTRACE_INGEST_TOKEN: tokens.ingest,
      PINGTRACE_QUERY_TOKEN: tokens.query,
    }
    const { child, output, closed } = run(env, true)
    expect((await once(child, 'message'))[0]).toEqual({ ready: true })
    const payload = request('shop', span(traceIdOf(1), spanIdOf(1)))
    const otlpHttp = Number(ports.PINGTRACE_OTLP_HTTP_PORT)
    const sent = (token: string) =>
      postTraces(otlpHttp, payload, { authorization: `Bearer ${token}` })
    expect((await sent(tokens.query)).status).toBe(401)
    expect((await sent(tokens.ingest)).status).toBe(200)
    const url = `http://127.0.0.1:${ports.PINGTRACE_QUERY_PORT}/live/v1/traces`
    const asked = (token: string) => fetch(url, { headers: { authorization: `Bearer ${token}` } })
    expect((await asked(tokens.ingest)).status).toBe(401)
    expect((await asked(tokens.query)).status).toBe(200)
    child.disconnect()
    expect((await closed)[0]).toBe(0)
    for (const token of Object.values(tokens)) {
      expect(output.stdout + output.stderr).not.toContain(token)
    }
  })

  it('names the folder that holds no viewer', async () => {
    const viewerDir = temporaryFolder()
    const env = { PINGTRACE_VIEWER_DIR: viewerDir, PINGTRACE_DATA_DIR: temporaryFolder() }
    const { output, closed } = run(env)
    expect((await closed)[0]).toBe(1)
    expect(output.stderr).toMatch(/^collector: there is no viewer.*PINGTRACE_VIEWER_DIR.*\n$/)
    expect(output.stderr).toContain(viewerDir)
  })

  it('names the folder that it cannot use', async () => {
    const dataDir = impossibleFolder()
    const { output, closed } = run({ PINGTRACE_DATA_DIR: dataDir })
    expect((await closed)[0]).toBe(1)
    expect(output.stderr).toMatch(/^collector: .*PINGTRACE_DATA_DIR.*\n$/)
    expect(output.stderr).toContain(dataDir)
  })

  it.skipIf(process.platform !== 'linux')('does not try for ever to make a folder', async () => {
    // In /proc the answer to mkdir is "no such entry", as if the folder above were missing.
    const { output, closed } = run({ PINGTRACE_DATA_DIR: '/proc/pingtrace/segments' })
    expect((await closed)[0]).toBe(1)
    expect(output.stderr).toMatch(/^collector: .*PINGTRACE_DATA_DIR.*\n$/)
  })

  it.skipIf(process.platform === 'win32').each([
    ['the folder that it may not enter', 0o000, 0o644],
    ['the segment that it may not write to', 0o777, 0o444],
  ])('names %s, and starts with all that is in it once it may', async (_, folderMode, fileMode) => {
    const above = temporaryFolder()
    chmodSync(above, 0o755)
    const dataDir = join(above, 'segments')
    const before = await startTestCollector(dataDir)
    await before.send(request('shop', span(traceIdOf(1), spanIdOf(1))))
    await before.close()
    const files = readdirSync(dataDir).map((name) => join(dataDir, name))
    for (const file of files) chmodSync(file, fileMode)
    chmodSync(dataDir, folderMode)
    const env = { ...(await freePortVariables()), PINGTRACE_DATA_DIR: dataDir }
    const { output, closed } = run(env, false, [], somebodyElse)
    expect((await closed)[0]).toBe(1)
    expect(output.stderr).toMatch(/^collector: .*EACCES.*\(PINGTRACE_DATA_DIR\)\n$/)
    expect(output.stderr).toContain(dataDir)

    chmodSync(dataDir, 0o755)
    for (const file of files) chmodSync(file, 0o644)
    const after = await startTestCollector(dataDir)
    expect(await (await after.query('/healthz')).json()).toMatchObject({ spans: 1 })
  })

  it('does not share its folder with another, until that one ends, however it does', async () => {
    const folder = temporaryFolder()
    const env = async () => ({ ...(await freePortVariables()), PINGTRACE_DATA_DIR: folder })
    const first = run(await env(), true)
    await once(first.child, 'message')
    const second = run(await env())
    expect((await second.closed)[0]).toBe(1)
    expect(second.output.stderr).toBe(
      `collector: the data folder cannot be used: another collector is using ${folder} ` +
        '(PINGTRACE_DATA_DIR)\n',
    )
    first.child.kill('SIGKILL')
    await first.closed
    const third = run(await env(), true)
    expect((await once(third.child, 'message'))[0]).toEqual({ ready: true })
  })
})

describe('the variables of the collector', () => {
  it('send on what it accepts, when they name an OTLP endpoint', async () => {
    const target = await startTarget('http/protobuf')
    const ports = await freePortVariables()
    const env = { ...ports, PINGTRACE_DATA_DIR: temporaryFolder() }
    const { child, output, closed } = run(
      { ...env, ...environment('http/protobuf', target.port) },
      true,
    )
    await once(child, 'message')
    const payload = request('shop', span(traceIdOf(1), spanIdOf(1), { name: 'sold' }))
    const sent = await postTraces(Number(ports.PINGTRACE_OTLP_HTTP_PORT), payload)
    expect(sent.status).toBe(200)
    child.disconnect()
    expect((await closed)[0]).toBe(0)
    expect(target.taken()).toEqual(['sold'])
    expect(output.stdout).toContain(
      `collector: forwards to https://localhost:${target.port}/v1/traces (http/protobuf)\n`,
    )
    expect(output.stdout + output.stderr).not.toContain(token)
  })

  it('get a target that was away what it missed, though the collector was killed meanwhile', async () => {
    const away = await freePort()
    const env = async () => ({
      ...(await freePortVariables()),
      ...environment('http/protobuf', away),
      PINGTRACE_DATA_DIR: folder,
    })
    const folder = temporaryFolder()
    const ports = await env()
    const first = run(ports, true)
    await once(first.child, 'message')
    for (const n of [1, 2]) {
      const payload = request('shop', span(traceIdOf(n), spanIdOf(n), { name: `sold ${n}` }))
      const sent = await postTraces(Number(ports.PINGTRACE_OTLP_HTTP_PORT), payload)
      expect(sent.status).toBe(200)
    }
    first.child.kill('SIGKILL')
    await first.closed

    const target = await startTarget('http/protobuf', { port: away })
    const second = run(await env(), true)
    await once(second.child, 'message')
    await until(() => target.taken().length === 2)
    expect(target.taken()).toEqual(['sold 1', 'sold 2'])
    expect(second.output.stdout).toContain('collector: 2 spans wait for https://localhost:')
  })

  it('do not make it send to itself', async () => {
    const ports = await freePortVariables()
    const itself = `http://localhost:${ports.PINGTRACE_OTLP_HTTP_PORT}`
    const { child, output, closed } = run(
      { ...ports, PINGTRACE_DATA_DIR: temporaryFolder(), OTEL_EXPORTER_OTLP_ENDPOINT: itself },
      true,
    )
    await once(child, 'message')
    child.disconnect()
    await closed
    expect(output.stderr).toMatch(/^collector: .*is this collector itself.*nothing is forwarded\n$/)
  })

  it('are refused in one line that names the wrong one', async () => {
    const wrong: [name: string, value: string][] = [
      ['PINGTRACE_RETENTION_BYTES', '512MB'],
      ['PINGTRACE_RETENTION_AGE', '7'],
      ['PINGTRACE_FSYNC', 'yes'],
      ['PINGTRACE_JAEGER_URL', 'localhost:16686'],
      ['PINGTRACE_ALLOWED_HOSTS', 'http://collector'],
      ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector'],
    ]
    const ends = wrong.map(async ([name, value]) => {
      const { output, closed } = run({ [name]: value, PINGTRACE_DATA_DIR: temporaryFolder() })
      expect((await closed)[0], name).toBe(1)
      expect(output.stderr).toMatch(new RegExp(`^collector: ${name} must be .*\\n$`))
      expect(output.stdout).toBe('')
    })
    await Promise.all(ends)
  })
})

describe('the configuration file', () => {
  const configuration = fileURLToPath(new URL('../otelcol.yaml', import.meta.url))

  it.each(['--config', 'PINGTRACE_CONFIG'])('of %s says where it receives', async (way) => {
    const { PINGTRACE_QUERY_PORT, ...receivers } = await freePortVariables()
    const [grpc, http] = Object.values(receivers)
    const env = {
      PINGTRACE_QUERY_PORT,
      PINGTRACE_DATA_DIR: temporaryFolder(),
      OTELCOL_GRPC_PORT: grpc!,
      OTELCOL_HTTP_PORT: http!,
      FORWARD_ENDPOINT: `localhost:${await freePort()}`,
      ...(way === 'PINGTRACE_CONFIG' && { [way]: configuration }),
    }
    const args = way === '--config' ? [way, configuration] : []
    const { child, output, closed } = run(env, true, args)
    await once(child, 'message')
    const payload = request('shop', span(traceIdOf(1), spanIdOf(1)))
    expect((await postTraces(Number(http), payload)).status).toBe(200)
    child.disconnect()
    expect((await closed)[0]).toBe(0)
    expect(output.stdout).toContain(`OTLP/gRPC on ${grpc}, OTLP/HTTP on ${http}, `)
    expect(output.stdout).toContain('collector: debug: 1 spans of 1 resources\n')
  })

  it('is refused with a line for each thing in it that is not run here', async () => {
    const file = join(temporaryFolder(), 'collector.yaml')
    writeFileSync(file, 'extensions: {}\nreceivers:\n  zipkin:\nservice:\n  pipelines:\n')
    const { output, closed } = run({ PINGTRACE_DATA_DIR: temporaryFolder() }, false, [
      '--config',
      file,
    ])
    expect((await closed)[0]).toBe(1)
    const officially = 'the official Collector takes the same file'
    expect(output.stderr.split('\n')).toEqual([
      `collector: ${file}:1: extensions: is not run by pingtrace's collector; ${officially}`,
      `collector: ${file}:3: receivers.zipkin: pingtrace's collector has of receivers only otlp; ${officially}`,
      `collector: ${file}:5: service.pipelines: has no pipeline for traces`,
      '',
    ])
  })

  it.each([
    [['--config', '/missing.yaml'], /^collector: the configuration cannot be read: ENOENT.*\n$/],
    [['--verbose'], /^collector: .*--verbose.*--config <file>.*\n$/],
  ])('that is asked for wrongly is one line: %j', async (args, message) => {
    const { output, closed } = run({ PINGTRACE_DATA_DIR: temporaryFolder() }, false, args)
    expect((await closed)[0]).toBe(1)
    expect(output.stderr).toMatch(message)
  })
})
