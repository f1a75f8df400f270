import type { Finding } from './finding.ts'
import type { TraceSubject } from './trace-subject.ts'

/** Looks for one thing that may be wrong; the findings are in the order of the spans. */
export type Rule = (subject: TraceSubject) => Finding[]
