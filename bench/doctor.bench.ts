import { readLabelledSet } from '../packages/doctor/labelled/generate.ts'
import { score, type Tally } from '../packages/doctor/labelled/score.ts'
import type { Bench } from './bench.ts'

export const name = 'How often the doctor is right'

/**
 * Precision: of the findings, those that are right. Recall: of what is wrong, what was found. Over
 * the labelled set in packages/doctor/labelled, by rule and span. The rules were written with the set
 * at hand, so that the figures tell whether something got worse rather than how good they are.
 */
export const run: Bench['run'] = (print, figure) => {
  const cases = readLabelledSet()
  const healthy = cases.filter(({ expected }) => expected.length === 0)
  const all = score(cases)
  for (const [rule, tally] of [...all.byRule].sort(([a], [b]) => (a < b ? -1 : 1))) {
    print(`${rule.padEnd(28)} ${describe(tally)}`)
  }
  for (const mistake of all.mistakes) print(mistake)
  const alarms = score(healthy).falseAlarms
  print(`${String(alarms)} false alarms on ${healthy.length} healthy cases`)

  figure({
    what: 'the doctor',
    value: `precision ${percent(all.right, all.falseAlarms)}, recall ${percent(all.right, all.missed)}`,
    how: `${all.right + all.missed} faults in ${cases.length} labelled cases, ${healthy.length} of them healthy; the rules were written with these at hand`,
  })
  return Promise.resolve()
}

function describe({ right, falseAlarms, missed }: Tally): string {
  const precision = percent(right, falseAlarms).padStart(6)
  return `precision ${precision}  recall ${percent(right, missed).padStart(6)}  of ${right + missed}`
}

function percent(right: number, wrong: number): string {
  return right + wrong === 0 ? '-' : `${((100 * right) / (right + wrong)).toFixed(0)} %`
}
