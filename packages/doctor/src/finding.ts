import type { Span } from '@pingtrace/otlp'
import type { RuleId } from './rule-ids.ts'

/**
 * - `error`: the trace is torn, or says something untrue, or gives a secret away
 * - `warning`: somebody will be misled by it
 * - `info`: it could be better
 */
export type Severity = (typeof severities)[number]

/** The gravest first. */
export const severities = ['error', 'warning', 'info'] as const

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(least)
}

/**
 * Of the `problem`, never of the `cause`: `certain` is what the spans themselves prove, `likely`
 * what fits best. What an SDK of somebody else's did inside is never certain.
 */
export type Certainty = 'certain' | 'likely'

/** Something that is wrong with a trace. Plain JSON: it is sent to viewers as it is. */
export interface Finding {
  rule: RuleId
  severity: Severity
  certainty: Certainty
  /** Where it is to be shown. */
  span: SpanReference
  /** The other spans that have to do with it, of other traces as well; the best fit first. */
  candidates: SpanReference[]
  /** What is wrong, in a sentence. */
  problem: string
  /** What shows it: key and value, short, and without the secrets that were found. */
  evidence: Record<string, string>
  /** The likely cause. */
  cause: string
  /** What to do. */
  mend: string
  /** The rule's documentation, relative to the repository's root. */
  link: string
}

export interface SpanReference {
  traceId: string
  spanId: string
  name: string
  service: string
}

/** What a rule says; the rest of a finding follows from it. */
export interface Symptom extends Omit<Finding, 'rule' | 'span' | 'candidates' | 'link'> {
  span: Span
  candidates?: readonly Span[]
}

export function makeFinding(rule: RuleId, symptom: Symptom): Finding {
  const { span, candidates = [], severity, certainty, problem, evidence, cause, mend } = symptom
  return {
    rule,
    severity,
    certainty,
    span: referTo(span),
    candidates: candidates.map(referTo),
    problem,
    evidence,
    cause,
    mend,
    link: `docs/doctor.md#${rule}`,
  }
}

function referTo({ traceId, spanId, name, service }: Span): SpanReference {
  return { traceId, spanId, name, service }
}
