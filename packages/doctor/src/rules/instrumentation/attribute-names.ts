import type { Span } from '@pingtrace/otlp'
import { type Finding, makeFinding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { conventionsVersion, deprecatedNames, knownNames } from '../../semantic-conventions.ts'
import { shown } from '../../span-facts.ts'
import type { SpanNode } from '../../trace-subject.ts'
import { firstOfEach } from './first-of-each.ts'
import { nearestName } from './nearest-name.ts'

interface Use {
  span: Span
  key: string
  where: 'span' | 'resource'
}

/** Names that the semantic conventions have given up: one finding for each service and name. */
export const deprecatedAttribute: Rule = ({ nodes }) =>
  firstOfEach(usesOf(nodes, isDeprecated), perService).map(({ first, count }): Finding => {
    const { span, key, where } = first
    const advice = adviceFor(key) ?? ''
    return makeFinding('deprecated-attribute', {
      span,
      severity: 'info',
      certainty: 'certain',
      problem: `${shown(span.service, 40)} uses ${shown(key)}, a name that the semantic conventions have given up.`,
      evidence: { attribute: shown(key), of: where, advice, spans: String(count) },
      cause: `An instrumentation from before the change; the conventions here are ${conventionsVersion}.`,
      mend: `${advice} Update the instrumentation; for HTTP and databases OTEL_SEMCONV_STABILITY_OPT_IN switches many to the stable names.`,
    })
  })

/** Names that the conventions do not have, a slip away from one that they do. */
export const unknownAttribute: Rule = ({ nodes }) =>
  firstOfEach(
    usesOf(nodes, (key) => nearestName(key) !== undefined),
    perService,
  ).map(({ first: { span, key, where }, count }): Finding => {
    const meant = nearestName(key) ?? ''
    return makeFinding('unknown-attribute', {
      span,
      severity: 'warning',
      certainty: 'likely',
      problem: `${shown(span.service, 40)} uses ${shown(key)}, which the semantic conventions do not know; they have ${meant}.`,
      evidence: { attribute: shown(key), of: where, 'probably meant': meant, spans: String(count) },
      cause: 'A slip of the pen: names are compared letter by letter by whoever reads them.',
      mend: `Write ${meant}, best by the constant of the semantic conventions’ package.`,
    })
  })

function isDeprecated(key: string): boolean {
  return adviceFor(key) !== undefined
}

/** Some families of names are deprecated as a whole: `container.labels.<key>`. */
function adviceFor(key: string): string | undefined {
  if (knownNames.has(key)) return undefined
  const direct = deprecatedNames.get(key)
  if (direct !== undefined) return direct
  const family = key.slice(0, key.lastIndexOf('.') + 1)
  return knownNames.has(family) ? undefined : deprecatedNames.get(family)
}

function usesOf(nodes: readonly SpanNode[], isWanted: (key: string) => boolean): Use[] {
  // The same few names come again and again: each is looked at once.
  const verdicts = new Map<string, boolean>()
  const wanted = (key: string): boolean => {
    const verdict = verdicts.get(key) ?? isWanted(key)
    verdicts.set(key, verdict)
    return verdict
  }
  return nodes.flatMap(({ span }) => [
    ...Object.keys(span.attributes)
      .filter(wanted)
      .map((key): Use => ({ span, key, where: 'span' })),
    ...Object.keys(span.resource)
      .filter(wanted)
      .map((key): Use => ({ span, key, where: 'resource' })),
  ])
}

function perService({ span, key }: Use): string {
  return `${span.service} ${key}`
}
