import { exitWith, type Settings } from './settings.ts'
import { type Stack, startStack } from './stack.ts'

/** Starts everything for a person at a terminal, prints the table, and ends everything on Ctrl-C. */
export async function runStack(options: Settings & { fromSource: boolean }): Promise<Stack> {
  let stack: Stack | undefined
  let stopping = false
  const stop = async (code: number) => {
    if (stopping) return
    stopping = true
    await stack?.stop()
    process.exit(code)
  }
  const starting = startStack({
    ...options,
    onLine: (name, line) => console.log(`${name.padEnd(9)} │ ${line}`),
    onCrash: (name, how) => {
      console.error(`pingtrace: the ${name} ended by itself (${how}); stopping the rest`)
      void stop(1)
    },
  })
  const stopWhenStarted = async () => {
    await starting.catch(() => undefined)
    await stop(0)
  }
  process.on('SIGINT', stopWhenStarted)
  process.on('SIGTERM', stopWhenStarted)
  process.on('SIGHUP', stopWhenStarted)
  whenNpmIsGone(stopWhenStarted)
  try {
    stack = await starting
  } catch (error) {
    exitWith(error)
  }
  printTable(stack)
  return stack
}

/**
 * npm passes SIGTERM to the shell between it and us, and the shell dies of it without a word. What
 * we can see is that our parent is gone. (On Windows the parent's id never changes, and nothing
 * happens.)
 */
function whenNpmIsGone(stop: () => Promise<void>): void {
  // Without npm a parent may go on purpose: `node scripts/boot.mjs start & disown`.
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    void stop()
  }, 250)
}

function printTable({ ports, redis, mongodb }: Stack): void {
  const at = (url: string) => url.replace(/\/\/[^@/]*@/, '//')
  const rows: [what: string, where: string, how: string][] = [
    ['page', `http://localhost:${ports.web}`, 'React, built by Vite'],
    ['API', `http://localhost:${ports.api}/ping`, 'Hono on Node'],
    ['collector', `http://localhost:${ports.otlpHttp}/v1/traces`, 'OTLP/HTTP in: the page'],
    ['', `http://localhost:${ports.otlpGrpc}`, 'OTLP/gRPC in: the API'],
    ['', `http://localhost:${ports.query}/api/v3/services`, 'queries and the live stream'],
    [
      'Redis',
      at(redis.url),
      redis.embedded ? 'EMBEDDED: the real Valkey engine, in WebAssembly' : 'real, from REDIS_URL',
    ],
    [
      'MongoDB',
      at(mongodb.url),
      mongodb.embedded
        ? 'EMBEDDED: a small stand-in of our own, not MongoDB'
        : 'real, from MONGODB_URL',
    ],
  ]
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length))
  console.log()
  for (const [what, where, how] of rows) {
    console.log(`  ${what.padEnd(width(0))}  ${where.padEnd(width(1))}  ${how}`)
  }
  console.log(`\n  Open http://localhost:${ports.web} and click Ping. Ctrl-C ends everything.\n`)
}
