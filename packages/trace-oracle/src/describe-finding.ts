import type { Finding } from '@pingtrace/doctor'
import { printable } from './shape.ts'

/** A finding as text for a terminal or a report. */
export function describeFinding(finding: Finding): string {
  const { rule, severity, certainty, span, problem, mend, link } = finding
  return [
    `${severity} ${rule} (${certainty}), at ${span.name} (${span.service})`,
    `  ${problem}`,
    `  mend: ${mend}`,
    `  more: ${link}`,
  ]
    .map(printable)
    .join('\n')
}

/** `2 warnings, 1 info: n-plus-one, wrong-kind`. */
export function summarizeFindings(findings: readonly Finding[]): string {
  const count = (of: Finding['severity']) =>
    findings.filter(({ severity }) => severity === of).length
  const [errors, warnings, infos] = [count('error'), count('warning'), count('info')]
  const counts = [
    errors > 0 && `${errors} error${errors === 1 ? '' : 's'}`,
    warnings > 0 && `${warnings} warning${warnings === 1 ? '' : 's'}`,
    infos > 0 && `${infos} info`,
  ].filter((each) => each !== false)
  return `${counts.join(', ')}: ${[...new Set(findings.map(({ rule }) => rule))].join(', ')}`
}
