import type { Settings } from './settings.ts'
import { type Stack, startStack } from './stack.ts'
import { supervise } from './supervise.ts'
import { describeStack } from './table.ts'

/** Starts everything for a person at a terminal, prints the table, and ends everything on Ctrl-C. */
export async function runStack(options: Settings & { fromSource: boolean }): Promise<Stack> {
  const onLine = (name: string, line: string) => console.log(`${name.padEnd(9)} │ ${line}`)
  const stack = await supervise((onCrash) => startStack({ ...options, onLine, onCrash }))
  console.log(`\n${await describeStack(stack, options.fromSource)}`)
  console.log(
    `\n  Open http://localhost:${stack.ports.web} and click Ping. Ctrl-C ends everything.\n`,
  )
  return stack
}
