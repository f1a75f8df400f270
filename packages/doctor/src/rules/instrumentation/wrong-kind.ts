import type { Span, SpanKind } from '@pingtrace/otlp'
import {
  databaseOf,
  methodOf,
  processOf,
  type SpanNode,
  statusOf,
  text,
} from '@pingtrace/trace-facts'
import { nameOf } from '../../calls/describe-call.ts'
import { makeFinding } from '../../finding.ts'
import { firstOfEach } from '../../first-of-each.ts'
import type { Rule } from '../../rule.ts'

/** Databases that run inside the process: there is nobody to be a client of. */
const embedded =
  /^(sqlite|h2(database)?|hsqldb|derby|duckdb|rocksdb|leveldb|cache|memory|in-memory)$/i

/** A span's attributes, or its place in the trace, say that it has another kind. */
export const wrongKind: Rule = ({ nodes }) => {
  const wrong = nodes.flatMap((node) => {
    const expected = expectedKind(node)
    return expected === undefined ? [] : [{ span: node.span, ...expected }]
  })
  const keyOf = ({ span, kind }: (typeof wrong)[number]) =>
    `${span.service} ${span.scope.name} ${span.name} ${kind}`
  return firstOfEach(wrong, keyOf).map(({ first: { span, kind, evidence }, others, count }) =>
    makeFinding('wrong-kind', {
      span,
      candidates: others.map((other) => other.span),
      severity: 'warning',
      certainty: 'likely',
      problem: `${nameOf(span)} has the kind ${span.kind.toUpperCase()} and looks like ${kind.toUpperCase()}.`,
      evidence: { kind: span.kind, ...evidence, spans: String(count) },
      cause:
        'The kind was left out when the span was started (INTERNAL is the default), or mixed up.',
      mend: `Start the span with kind ${kind.toUpperCase()}: back ends pair CLIENT with SERVER spans and draw the service map from them.`,
    }),
  )
}

interface Expected {
  kind: SpanKind
  evidence: Record<string, string>
}

function expectedKind({ span, children, parent }: SpanNode): Expected | undefined {
  const { kind } = span
  const database = databaseOf(span)
  if (database !== undefined) {
    if (kind === 'client' || embedded.test(database)) return undefined
    // Object mappers make an INTERNAL span around the driver's own.
    if (children.some((child) => child.span && databaseOf(child.span) !== undefined))
      return undefined
    return { kind: 'client', evidence: { 'db.system.name': database } }
  }
  if (kind === 'client' && text(span, 'http.route') !== undefined && !hasUrl(span)) {
    return { kind: 'server', evidence: { 'http.route': text(span, 'http.route') ?? '' } }
  }
  // Proxies have a SERVER span above that of whom they hand on to; they are called from outside.
  const isCalledHere = parent?.span !== undefined && processOf(parent.span) === processOf(span)
  if (kind === 'server' && isCalledHere && methodOf(span) && isCaller(span, children)) {
    return {
      kind: 'client',
      evidence: { 'url.full': 'set', 'SERVER span below it': 'of another process' },
    }
  }
  if (kind === 'internal' || kind === 'unspecified')
    return kindLeftOut(span, children, parent?.span)
  return undefined
}

function kindLeftOut(
  span: Span,
  children: SpanNode['children'],
  parent: Span | undefined,
): Expected | undefined {
  // Tests send their own span along as the parent, and are no client library.
  if (text(span, 'test.case.name', 'test.suite.name') !== undefined) return undefined
  if (isCaller(span, children)) {
    return { kind: 'client', evidence: { 'SERVER span below it': 'of another process' } }
  }
  const operation = text(span, 'messaging.operation.type', 'messaging.operation')
  if (operation !== undefined && text(span, 'messaging.system', 'messaging.system.name')) {
    const expected = messagingKinds[operation]
    const evidence = { 'messaging.operation.type': operation }
    return expected && { kind: expected, evidence }
  }
  const isCalled = parent?.kind === 'client' && processOf(parent) !== processOf(span)
  const route = text(span, 'http.route')
  if (isCalled && route !== undefined) return { kind: 'server', evidence: { 'http.route': route } }
  // The client proper may be a span below it, or above it when this is a part of the call.
  const isPart =
    parent?.kind === 'client' || children.some((child) => child.span?.kind === 'client')
  const isRequest = methodOf(span) !== undefined && statusOf(span) !== undefined && hasUrl(span)
  if (isRequest && !isPart && route === undefined) {
    return { kind: 'client', evidence: { 'url.full': 'set, with a method and a status' } }
  }
  return undefined
}

/** Semantic conventions, messaging spans, “Span kind”. */
const messagingKinds: Record<string, SpanKind> = {
  send: 'producer',
  publish: 'producer',
  process: 'consumer',
}

/** Its child is another process's SERVER span, with nothing between: it has sent the request. */
function isCaller(span: Span, children: SpanNode['children']): boolean {
  // Where there is a CLIENT span as well, the header names the wrong one (parent-id-mismatch).
  if (children.some((child) => child.span?.kind === 'client')) return false
  // A SERVER span hands requests on by itself only if it is a proxy, which also tells the URL.
  if (span.kind === 'server' && !hasUrl(span)) return false
  return children.some(
    (child) => child.span?.kind === 'server' && processOf(child.span) !== processOf(span),
  )
}

function hasUrl(span: Span): boolean {
  return text(span, 'url.full', 'http.url') !== undefined
}
