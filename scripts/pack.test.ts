import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@pingtrace/loopback/free-ports'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumArgs, findChromium } from './chromium.ts'
import { brokenLinks } from './markdown-links.ts'
import { catalogVersion } from './pack/manifest.ts'
import { packAll } from './pack/pack-all.ts'
import { root } from './paths.ts'

// Another project: a copy of the example, outside of the repository, which npm has installed the
// packages into. Generous limits: npm's registry may be far away, and the machine busy.
const limitMs = 300_000

const packed = mkdtempSync(join(tmpdir(), 'pingtrace-packed-'))
const project = mkdtempSync(join(tmpdir(), 'pingtrace-project-'))
let tarballs: string[]

beforeAll(async () => {
  tarballs = await packAll(false, packed)
  const example = join(root, 'examples/shop')
  cpSync(example, project, {
    recursive: true,
    filter: (path) => basename(path) !== 'node_modules',
  })
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifestOf(example)))
  const quickly = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts']
  await run('npm', ['install', ...quickly])
}, limitMs)

afterAll(() => {
  for (const folder of [packed, project]) rmSync(folder, { recursive: true, force: true })
})

/** As its author would have written it without a workspace. */
function manifestOf(example: string) {
  const manifest = JSON.parse(readFileSync(join(example, 'package.json'), 'utf8'))
  const versions = (names: object) => Object.keys(names).map((name) => [name, catalogVersion(name)])
  const { '@pingtrace/trace-oracle': _, ...tools } = manifest.devDependencies
  const [collector, oracle] = tarballs.map((file) => `file:${file}`)
  return {
    ...manifest,
    dependencies: Object.fromEntries(versions(manifest.dependencies)),
    devDependencies: {
      ...Object.fromEntries(versions(tools)),
      '@pingtrace/collector': collector,
      '@pingtrace/trace-oracle': oracle,
    },
  }
}

/** Without what this process has from its own test runner and from npm. */
async function run(command: string, args: string[], env: Record<string, string> = {}) {
  const isOurs = ([name]: [string, unknown]) =>
    /^(PINGTRACE_|OTEL_|VITEST|npm_|INIT_CWD|NODE_ENV|NODE_OPTIONS|NODE_PATH|TEST|VITE)/i.test(name)
  const own = Object.fromEntries(Object.entries(process.env).filter((entry) => !isOurs(entry)))
  const options = { cwd: project, env: { ...own, ...env }, shell: process.platform === 'win32' }
  try {
    return (await promisify(execFile)(command, args, options)).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} ${args.join(' ')}:\n${stdout}${stderr}`, { cause: error })
  }
}

const script = `
import { openTraces } from '@pingtrace/trace-oracle'

const traces = await openTraces()
const text = (key, stringValue) => ({ key, value: { stringValue } })
const trace = await traces.during('ask', ({ traceparent }) => {
  const [, traceId, parentSpanId] = traceparent.split('-')
  const now = BigInt(Date.now()) * 1_000_000n
  const times = { startTimeUnixNano: String(now), endTimeUnixNano: String(now + 1n) }
  const span = { traceId, spanId: '00000000000000a1', parentSpanId, name: 'GET /', kind: 2, ...times }
  const resource = { attributes: [text('service.name', 'asked')] }
  return traces.collector.send({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] })
})
const viewer = await (await fetch(traces.collector.url)).text()
await traces.close()
console.log(trace.shape(), /<title>(.*?)<\\/title>/.exec(viewer)[1])
`

test('a script of plain JavaScript starts the collector and its viewer, and gets a trace', async () => {
  writeFileSync(join(project, 'ask.js'), script)
  expect(await run('node', ['ask.js'])).toBe('GET / [asked server] Traces · pingtrace\n')
})

test('tests in vitest run', { timeout: limitMs }, async () => {
  expect(await run('npx', ['vitest', 'run', 'orders'])).toMatch(/1 passed/)
})

test('tests in Playwright share one collector, a protected one, which Playwright starts', {
  timeout: limitMs,
}, async () => {
  const { executablePath, env } = await findChromium()
  // The browser of this machine is nothing that belongs into an example.
  const launchOptions = { args: chromiumArgs, ...(executablePath && { executablePath }) }
  const config = `import config from './playwright.config.ts'
export default { ...config, use: { ...config.use, launchOptions: ${JSON.stringify(launchOptions)} } }`
  writeFileSync(join(project, 'here.config.ts'), config)
  // Protected against readers: the collector and the oracle have the token from the same variable.
  const settings: Record<string, string> = { PINGTRACE_QUERY_TOKEN: 'a-token-of-readers' }
  for (const name of [
    'PINGTRACE_OTLP_GRPC_PORT',
    'PINGTRACE_OTLP_HTTP_PORT',
    'PINGTRACE_QUERY_PORT',
    'PORT',
  ]) {
    settings[name] = String(await freePort())
  }
  const args = ['playwright', 'test', '--config', 'here.config.ts', '--workers', '2']
  expect(await run('npx', args, { ...env, ...settings })).toMatch(/2 passed/)
})

const typed = `
import { startCollector, type Trace } from '@pingtrace/trace-oracle'
import { followTest } from '@pingtrace/trace-oracle/page'
import { expect as expectInPage, test } from '@pingtrace/trace-oracle/playwright'
import { openTraces } from '@pingtrace/trace-oracle/vitest'
import { expect } from 'vitest'

export const shapeOf = (trace: Trace): string => trace.shape()
export const address: Promise<string> = startCollector().then(({ otlpHttpUrl }) => otlpHttpUrl)
followTest()
const trace = await (await openTraces()).during('ask', ({ headers }) => fetch('/', { headers }))
expect(trace).toMatchSpans({ name: 'GET /', kind: 'server' })
// @ts-expect-error What has no type accepts anything.
expect(trace).toMatchSpans({ name: 'GET /', kind: 'serving' })
test('typed', async ({ page, traces }) => {
  const found = await traces.during('click', () => page.click('button'))
  expectInPage(found).toBeHealthy({ except: ['clock-skew'] })
  // @ts-expect-error There is no such rule.
  expectInPage(found).toBeHealthy({ except: ['no-such-rule'] })
  const [root] = found.roots
  // @ts-expect-error A span may be missing.
  root!.span.name
})
`

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('the types are found by %s and %s', async (module, moduleResolution) => {
  writeFileSync(join(project, 'typed.ts'), typed)
  const options = ['--module', module, '--moduleResolution', moduleResolution, '--target', 'es2022']
  const tsc = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin/tsc',
  )
  const strict = ['--strict', '--noEmit', '--types', 'node', '--ignoreConfig']
  await run('node', [tsc, ...options, ...strict, 'typed.ts'])
})

test('no link in their documents leads nowhere', () => {
  expect(brokenLinks(packed)).toEqual([])
})

test('npm does not publish them by mistake', async () => {
  // A registry that nobody answers at, and something to log in with: npm's own refusal comes first.
  const registry = ['--registry=http://127.0.0.1:1/', '--//127.0.0.1:1/:_authToken=none']
  const publish = (tarball: string) =>
    run('npm', ['publish', tarball, '--fetch-retries=0', ...registry])
  await Promise.all(tarballs.map((tarball) => expect(publish(tarball)).rejects.toThrow('EPRIVATE')))
})

test('without the collector it is said what to install', async () => {
  rmSync(join(project, 'node_modules/@pingtrace/collector'), { recursive: true })
  await expect(run('node', ['ask.js'])).rejects.toThrow('install the package @pingtrace/collector')
})
