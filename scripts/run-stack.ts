import type { Settings } from './settings.ts'
import { type Stack, startStack } from './stack.ts'
import { supervise } from './supervise.ts'

/** Starts everything for a person at a terminal, prints the table, and ends everything on Ctrl-C. */
export async function runStack(options: Settings & { fromSource: boolean }): Promise<Stack> {
  const onLine = (name: string, line: string) => console.log(`${name.padEnd(9)} │ ${line}`)
  const stack = await supervise((onCrash) => startStack({ ...options, onLine, onCrash }))
  printTable(stack, options.fromSource)
  return stack
}

function printTable({ ports, redis, mongodb }: Stack, fromSource: boolean): void {
  const at = (url: string) => url.replace(/\/\/[^@/]*@/, '//')
  const rows: [what: string, where: string, how: string][] = [
    ['page', `http://localhost:${ports.web}`, 'React, built by Vite'],
    ['API', `http://localhost:${ports.api}/ping`, 'Hono on Node'],
    ['collector', `http://localhost:${ports.otlpHttp}/v1/traces`, 'OTLP/HTTP in: the page'],
    ['', `http://localhost:${ports.otlpGrpc}`, 'OTLP/gRPC in: the API'],
    fromSource
      ? ['', `http://localhost:${ports.query}/api/v3/services`, 'queries and the live stream']
      : ['', `http://localhost:${ports.query}`, 'the viewer alone, queries and the live stream'],
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
