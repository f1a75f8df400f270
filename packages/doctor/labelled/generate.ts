/**
 * Writes traces.jsonl: traces with everything that is wrong with them. They are made of recorded
 * ones (recorded.jsonl: this project's, and stock SDKs in Python, Node, Go and Java), healthy or with one thing
 * changed, and of traces told in words after systems whose authors would stand by them.
 *
 *   npx tsx packages/doctor/labelled/generate.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { TracesData } from '@pingtrace/otlp'
import type { LabelledCase } from './build.ts'
import { brokenClicks } from './cases/broken-clicks.ts'
import { faultyInstrumentation } from './cases/faulty-instrumentation.ts'
import { foreignSystems } from './cases/foreign-systems.ts'
import { healthySystems } from './cases/healthy-systems.ts'
import { recordedAsTheyAre } from './cases/recorded.ts'
import { secondLook } from './cases/second-look.ts'
import { subtleFaults } from './cases/subtle-faults.ts'

const here = (file: string) => new URL(file, import.meta.url)

/** A recorded trace by its name, each time anew: whoever gets it changes it. */
export type Recorded = (name: string) => TracesData

export function labelledCases(): LabelledCase[] {
  const lines = readFileSync(here('recorded.jsonl'), 'utf8').trim().split('\n')
  const texts = new Map(lines.map((line) => [(JSON.parse(line) as { name: string }).name, line]))
  const recorded: Recorded = (name) => {
    const text = texts.get(name)
    if (text === undefined) throw new Error(`nothing recorded is called ${name}`)
    return (JSON.parse(text) as { data: TracesData }).data
  }
  return [
    ...recordedAsTheyAre(recorded),
    ...brokenClicks(recorded),
    ...healthySystems(),
    ...faultyInstrumentation(),
    ...secondLook(),
    ...foreignSystems(),
    ...subtleFaults(),
  ]
}

/** The set as it is in the repository. */
export function readLabelledSet(): LabelledCase[] {
  const lines = readFileSync(here('traces.jsonl'), 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line) as LabelledCase)
}

export function asLines(cases: readonly LabelledCase[]): string {
  return cases.map((each) => `${JSON.stringify(each)}\n`).join('')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(here('traces.jsonl'), asLines(labelledCases()))
}
