import type { Span } from '@pingtrace/otlp'
import { addressOf, databaseOf, isAnswered, isUntraced, pathOf } from '@pingtrace/trace-facts'

export interface Known {
  /** Ids of the test's own spans: they are there, whatever the collector has of them. */
  ownIds: ReadonlySet<string>
  /** `host:port` of the services whose SERVER spans come here, as the doctor's `addressOf` has it. */
  instrumented: ReadonlySet<string>
}

export interface Gaps {
  /** What is seen to be missing, in words. */
  missing: string[]
  /** Calls behind which there may be spans that nobody has told of, in words. */
  unsure: string[]
}

/** What spans themselves show of what is not there. */
export function gapsIn(spans: readonly Span[], { ownIds, instrumented }: Known): Gaps {
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const parents = new Set(spans.map(({ parentSpanId }) => parentSpanId))
  const missing: string[] = []
  const unsure: string[] = []
  for (const span of spans) {
    const { parentSpanId: parent } = span
    if (parent !== undefined && !ids.has(parent) && !ownIds.has(parent)) {
      missing.push(`the parent of ${span.name} (${span.service})`)
    }
    if (parents.has(span.spanId) || !leavesProcess(span)) continue
    const address = addressOf(span)
    const isOurs = address !== undefined && instrumented.has(address)
    // A health check is not traced; its answer promises no span.
    if (isOurs && isUntraced(pathOf(span))) continue
    if (isOurs && isAnswered(span)) {
      missing.push(`the SERVER span of ${address} below ${span.name} (${span.service})`)
    } else {
      unsure.push(`nobody tells what happened behind ${span.name} (${span.service})`)
    }
  }
  return { missing, unsure }
}

/** A call or a message; a database's has nothing below it. */
function leavesProcess(span: Span): boolean {
  const { kind } = span
  return (kind === 'client' || kind === 'producer') && databaseOf(span) === undefined
}
