import { randomBytes } from 'node:crypto'
import type { TracesData } from '@pingtrace/otlp'

/** The span of an action, which is the parent of all that the action causes. */
export interface OwnSpan {
  traceId: string
  spanId: string
  /** W3C Trace Context, sampled, with random ids (level 2). */
  traceparent: string
  /** The span as OTLP, over now. @param error of the action, where it failed */
  end(error?: unknown): TracesData
}

/** Whose span it is. */
export interface TestDescription {
  /** `playwright`, `vitest`: the service. */
  runner: string
  /** The test's title, with those around it. */
  test: string
}

/** Starts the span of an action. The attributes are those of semantic conventions 1.45 for tests. */
export function startOwnSpan(name: string, { runner, test }: TestDescription): OwnSpan {
  const traceId = randomBytes(16).toString('hex')
  const spanId = randomBytes(8).toString('hex')
  const began = Date.now()
  const clock = performance.now()
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  return {
    traceId,
    spanId,
    traceparent: `00-${traceId}-${spanId}-03`,
    end: (error) => {
      const durationMs = performance.now() - clock
      const failure = error instanceof Error ? error : undefined
      const span = {
        traceId,
        spanId,
        name,
        kind: 1,
        startTimeUnixNano: `${began}000000`,
        endTimeUnixNano: String(BigInt(began) * 1_000_000n + BigInt(Math.round(durationMs * 1e6))),
        attributes: [
          text('test.case.name', test),
          text('test.case.result.status', error === undefined ? 'pass' : 'fail'),
          ...(error === undefined ? [] : [text('error.type', failure?.name ?? typeof error)]),
        ],
        ...(error !== undefined && { status: { code: 2, message: failure?.message ?? '' } }),
      }
      const resource = { attributes: [text('service.name', runner)] }
      const scope = { name: '@pingtrace/trace-oracle' }
      return { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [span] }] }] }
    },
  }
}
