import { readSpans } from '@pingtrace/otlp'
import { diagnoseAll, type RuleId } from '../src/index.ts'
import type { LabelledCase } from './build.ts'

/** Findings that were right, that were not, and those that should have been there. */
export interface Tally {
  right: number
  falseAlarms: number
  missed: number
}

export interface Score extends Tally {
  byRule: Map<RuleId, Tally>
  /** In words: which case, and what was too much or too little. */
  mistakes: string[]
}

/** Diagnoses every case, and compares the findings with what is expected: rule and span's name. */
export function score(cases: readonly LabelledCase[]): Score {
  const total: Score = { right: 0, falseAlarms: 0, missed: 0, byRule: new Map(), mistakes: [] }
  for (const { name, data, options, expected } of cases) {
    const findings = [...diagnoseAll(readSpans(data), options).values()].flat()
    const left = [...expected]
    for (const { rule, span, problem } of findings) {
      const index = left.findIndex((label) => label.rule === rule && label.span === span.name)
      if (index >= 0) left.splice(index, 1)
      else total.mistakes.push(`${name}: false alarm ${rule} at ${span.name}: ${problem}`)
      count(total, rule, index >= 0 ? 'right' : 'falseAlarms')
    }
    for (const { rule, span } of left) {
      total.mistakes.push(`${name}: missed ${rule} at ${span}`)
      count(total, rule, 'missed')
    }
  }
  return total
}

function count(total: Score, rule: RuleId, what: keyof Tally): void {
  const tally = total.byRule.get(rule) ?? { right: 0, falseAlarms: 0, missed: 0 }
  tally[what] += 1
  total[what] += 1
  total.byRule.set(rule, tally)
}
