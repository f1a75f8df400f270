#!/usr/bin/env node
// The first thing every npm script runs. It needs nothing but Node and npm: it checks the Node
// version, installs what the lockfile names when node_modules differs, and only then hands over to
// scripts/<name>.ts. Warm, it costs two file reads. A Node that is too old must be able to read this
// file, or it cannot say so: no await outside of functions here, and no `??`.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))

const fail = (message) => {
  console.error(`pingtrace: ${message}`)
  process.exit(1)
}

const [major, minor] = process.versions.node.split('.').map(Number)
// What Vite and its binaries run on. With others pnpm would leave those out without a word, and the
// install stay broken for a Node that fits as well.
if (major < 20 || (major === 20 && minor < 19) || major === 21 || (major === 22 && minor < 12)) {
  fail(
    `Node ${process.versions.node} is too old: install Node 20.19, 22.12 or newer (https://nodejs.org), then run this again`,
  )
}

run()

async function run() {
  if (!isInstalled()) await install()
  const { register } = await import('tsx/esm/api')
  register()
  const [script, ...rest] = process.argv.slice(2)
  process.argv = [process.argv[0], fileURLToPath(new URL(`${script}.ts`, import.meta.url)), ...rest]
  await import(`./${script}.ts`)
}

/** pnpm keeps a copy of the lockfile it installed from: equal means that nothing is missing. */
function isInstalled() {
  const installed = `${root}node_modules/.pnpm/lock.yaml`
  if (!existsSync(installed)) return false
  return readFileSync(`${root}pnpm-lock.yaml`, 'utf8') === readFileSync(installed, 'utf8')
}

/** pnpm comes through npm, in exactly the version that package.json names; nothing is global. */
async function install() {
  console.log('pingtrace: installing dependencies (first run, or the lockfile changed) …')
  const pnpm = manifest.packageManager
  const args = ['exec', '--yes', `--package=${pnpm}`, '--', 'pnpm', 'install', '--frozen-lockfile']
  const { code, output } = await npm(args)
  if (code === 0) return
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|META_FETCH_FAIL/.test(output)) {
    fail(
      'the npm registry cannot be reached: connect to the network (or set npm_config_registry to a mirror), then run this again',
    )
  }
  console.error(output)
  fail(
    `the install failed (exit code ${code}, see above): mend that, or delete node_modules, then run this again`,
  )
}

/** Standard output is shown as it comes; errors are kept, to be told in one line where possible. */
function npm(args) {
  const own = process.env.npm_execpath || ''
  const viaNode = /^npm(-cli)?\.c?js$/.test(basename(own))
  const command = viaNode ? process.execPath : 'npm'
  const child = spawn(command, viaNode ? [own, ...args] : args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: !viaNode && process.platform === 'win32',
    env: {
      ...process.env,
      CI: 'true', // never ask, and print progress line by line
      npm_config_update_notifier: 'false',
      npm_config_fetch_retries: '1',
      npm_config_fetch_retry_mintimeout: '1000',
    },
  })
  let output = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
    process.stdout.write(chunk)
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, output }))
  })
}
