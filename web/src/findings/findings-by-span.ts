import type { Finding, Severity } from '@pingtrace/doctor'

/** The findings at each span of a trace, by span id, the gravest first, as the doctor gives them. */
export function findingsBySpan(
  findings: readonly Finding[],
  traceId: string,
): ReadonlyMap<string, Finding[]> {
  const bySpan = new Map<string, Finding[]>()
  for (const finding of findings) {
    if (finding.span.traceId !== traceId) continue
    const { spanId } = finding.span
    bySpan.set(spanId, [...(bySpan.get(spanId) ?? []), finding])
  }
  return bySpan
}

/** Told apart by their shape, and not by their colour alone. */
const signs: Record<Severity, string> = { error: '✖', warning: '▲', info: 'i' }

export interface FindingSign {
  severity: Severity
  sign: string
  /** For who does not see it: `warning: wrong-kind, n-plus-one`. */
  words: string
}

/** What marks a span; undefined for one without findings. */
export function signOf(findings: readonly Finding[] | undefined): FindingSign | undefined {
  const [gravest] = findings ?? []
  if (gravest === undefined) return undefined
  const rules = [...new Set(findings!.map(({ rule }) => rule))]
  const { severity } = gravest
  return { severity, sign: signs[severity], words: `${severity}: ${rules.join(', ')}` }
}
