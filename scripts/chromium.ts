import { execFileSync } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { chromium } from '@playwright/test'

/** A browser that was launched once, and what a launch needs. */
export interface Chromium {
  source: string
  version: string
  /** Undefined: the one that Playwright knows itself. */
  executablePath: string | undefined
  env: Record<string, string>
}

/** Chromium's headless shell with its own libraries and fonts, as a plain npm tarball. */
const npmPackage = '@sparticuz/chromium@153.0.0'

const systemPaths: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: [
    '/usr/bin/chromium-headless-shell',
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ],
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
  win32: [
    'C:/Program Files/Google/Chrome/Application/chrome.exe',
    'C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe',
  ],
}

/** As root (a container, CI) Chromium's sandbox cannot start; small machines have a small /dev/shm. */
export const chromiumArgs =
  process.platform === 'linux' ? ['--no-sandbox', '--disable-dev-shm-usage'] : []

/**
 * Finds a Chromium, or gets one from the places a bare machine can reach. The only honest check is
 * a launch, so each candidate is launched.
 * @throws Error that lists what was tried
 */
export async function findChromium(): Promise<Chromium> {
  const candidates: [source: string, find: () => Promise<Chromium | undefined>][] = [
    ['E2E_CHROMIUM', fromVariable],
    ['Playwright', () => launch('Playwright', undefined)],
    ['this system', fromSystem],
    ["Playwright's download", fromPlaywrightDownload],
    [npmPackage, fromNpm],
    ['apt', fromApt],
  ]
  const tried: string[] = []
  for (const [source, find] of candidates) {
    try {
      const found = await find()
      if (found !== undefined) return found
      tried.push(`${source}: none`)
    } catch (error) {
      tried.push(`${source}: ${error instanceof Error ? error.message.split('\n')[0] : error}`)
    }
  }
  throw new Error(
    `no Chromium that starts (${tried.join('; ')}): install one, or set E2E_CHROMIUM to its path`,
  )
}

async function launch(
  source: string,
  executablePath: string | undefined,
  env: Record<string, string> = {},
): Promise<Chromium> {
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: chromiumArgs,
    env: { ...process.env, ...env } as Record<string, string>,
    timeout: 20_000,
  })
  const version = browser.version()
  await browser.close()
  return { source, version, executablePath, env }
}

async function fromVariable(): Promise<Chromium | undefined> {
  const path = process.env.E2E_CHROMIUM
  if (!path) return undefined
  try {
    return await launch('E2E_CHROMIUM', path)
  } catch (error) {
    // Somebody asked for this one: another instead of it would be a surprise.
    console.error(`pingtrace: E2E_CHROMIUM=${path} does not start`)
    throw error
  }
}

async function fromSystem(): Promise<Chromium | undefined> {
  for (const path of systemPaths[process.platform] ?? []) {
    if (!existsSync(path)) continue
    const found = await launch(path, path).catch(() => undefined)
    if (found !== undefined) return found
  }
  return undefined
}

/** Where the download host does not even resolve, its command line takes seconds to give up. */
async function fromPlaywrightDownload(): Promise<Chromium> {
  await lookup('cdn.playwright.dev')
  say('downloading Chromium for the end-to-end tests')
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli')
  run(process.execPath, [cli, 'install', 'chromium', '--only-shell'], { timeout: 180_000 })
  return launch("Playwright's download", undefined)
}

async function fromNpm(): Promise<Chromium | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')
  const folder = join(cache, 'pingtrace', npmPackage.replace(/\W+/g, '-'))
  const executable = join(folder, 'chromium')
  if (!existsSync(executable)) unpack(folder, executable)
  const libraries = ['al2023/lib', 'lib'].map((name) => join(folder, name)).filter(existsSync)
  return launch(npmPackage, executable, {
    LD_LIBRARY_PATH: [...libraries, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
    FONTCONFIG_PATH: join(folder, 'fonts'),
  })
}

function unpack(folder: string, executable: string): void {
  say('getting Chromium from the npm registry for the end-to-end tests (67 MB)')
  mkdirSync(folder, { recursive: true })
  run('npm', ['pack', npmPackage, '--pack-destination', folder])
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? ''
  run('tar', ['xzf', tarball, '--strip-components=2', 'package/bin'], { cwd: folder })
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.tar.br'))) {
    const input = brotliDecompressSync(readFileSync(join(folder, name)))
    run('tar', ['x'], { cwd: folder, input })
  }
  // The executable comes last and in one step: where it exists, everything does.
  const binary = brotliDecompressSync(readFileSync(`${executable}.br`))
  writeFileSync(`${executable}.new`, binary, { mode: 0o755 })
  renameSync(`${executable}.new`, executable)
  for (const name of readdirSync(folder)) if (/\.(br|tgz)$/.test(name)) rmSync(join(folder, name))
}

async function fromApt(): Promise<Chromium | undefined> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined
  say("installing Debian's chromium-headless-shell for the end-to-end tests")
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update'], { env })
  const wait = ['-o', 'DPkg::Lock::Timeout=300']
  const install = ['install', '-y', '--no-install-recommends', 'chromium-headless-shell']
  run('apt-get', [...wait, ...install], { env })
  return launch('apt', '/usr/bin/chromium-headless-shell')
}

function run(command: string, args: string[], options: object = {}): void {
  execFileSync(command, args, { stdio: ['pipe', 'ignore', 'pipe'], ...options })
}

function say(what: string): void {
  console.log(`pingtrace: ${what} …`)
}
