import type { Span } from '@pingtrace/otlp'
import { type Finding, severities } from './finding.ts'
import type { DiagnoseOptions } from './options.ts'
import { rules } from './rules.ts'
import { makeSubject } from './trace-subject.ts'

/**
 * What is wrong with a trace: the gravest findings first, none for a healthy one. It never throws,
 * whatever the spans hold, and says the same of the same spans in any order.
 *
 * @param spans all that is known of one trace, copies and all
 */
export function diagnose(spans: readonly Span[], options: DiagnoseOptions = {}): Finding[] {
  const subject = makeSubject(spans, options)
  return rules
    .flatMap((rule) => rule(subject))
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))
}
