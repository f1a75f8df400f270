import type { Span } from '@pingtrace/otlp'
import type { SpanNode } from '@pingtrace/trace-facts'
import { type Finding, makeFinding } from '../../finding.ts'
import { firstOfEach } from '../../first-of-each.ts'
import { shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'
import { conventionsVersion, deprecatedNames, knownNames } from '../../semantic-conventions.ts'
import { nearestName } from './nearest-name.ts'

interface Use {
  span: Span
  key: string
  where: 'span' | 'resource'
}

/** More of them would say no more. */
const shownNames = 12

/**
 * Names that the semantic conventions have given up: one finding for each service, because an
 * instrumentation from before the change uses a dozen of them at once.
 */
export const deprecatedAttribute: Rule = ({ nodes }) =>
  firstOfEach(usesOf(nodes, isDeprecated), ({ span }) => span.service).map(
    ({ first: { span }, all }): Finding => {
      const names = [...new Set(all.map(({ key }) => key))]
      const advice = names.slice(0, shownNames).map((key) => [shown(key), adviceFor(key) ?? ''])
      const rest = names.length - advice.length
      return makeFinding('deprecated-attribute', {
        span,
        severity: 'info',
        certainty: 'certain',
        problem: `${shown(span.service, 40)} uses names that the semantic conventions have given up: ${names
          .slice(0, 3)
          .map((key) => shown(key))
          .join(', ')}${names.length > 3 ? ' and others' : ''}.`,
        evidence: { ...Object.fromEntries(advice), ...(rest > 0 && { 'and more': String(rest) }) },
        cause: `An instrumentation from before the change; the conventions here are ${conventionsVersion}.`,
        mend: 'Use the names that stand beside the old ones. Update the instrumentation; for HTTP and databases OTEL_SEMCONV_STABILITY_OPT_IN switches many to the stable names.',
      })
    },
  )

/** Names that the conventions do not have, a slip away from one that they do. */
export const unknownAttribute: Rule = ({ nodes }) =>
  firstOfEach(
    usesOf(nodes, (key) => nearestName(key) !== undefined),
    ({ span, key }) => `${span.service} ${key}`,
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
