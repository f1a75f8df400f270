import { readSpans, type Span, type TraceSummary, type TracesData } from '@pingtrace/otlp'
import { expect } from '@playwright/test'

/** A trace as text: one span a line, children indented; no ids, times or ports. */
export function shapeOf(spans: Span[]): string {
  const present = new Set(spans.map((span) => span.spanId))
  const lines: string[] = []
  const walk = (children: Span[], depth: number) => {
    for (const span of [...children].sort(byStart)) {
      const error = span.status.code === 'error' ? ' ERROR' : ''
      lines.push(`${'  '.repeat(depth)}${span.name} [${span.service} ${span.kind}]${error}`)
      const below = spans.filter((other) => other.parentSpanId === span.spanId)
      walk(below, depth + 1)
    }
  }
  walk(
    spans.filter((span) => span.parentSpanId === undefined),
    0,
  )
  for (const span of spans) {
    if (span.parentSpanId !== undefined && !present.has(span.parentSpanId)) {
      lines.push(`waiting for the parent of ${span.name}`)
    }
  }
  return lines.join('\n')
}

function byStart(a: Span, b: Span): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1
  return a.spanId < b.spanId ? -1 : 1
}

/** Reads traces through the collector's query API, as any client of it would. */
export class StoredTraces {
  readonly #url: string

  constructor(queryUrl: string) {
    this.#url = queryUrl
  }

  /** The spans stored so far; none when the collector does not know the trace, or is away. */
  async spans(traceId: string): Promise<Span[]> {
    const response = await fetch(`${this.#url}/api/v3/traces/${traceId}`).catch(() => undefined)
    if (!response?.ok) return []
    const { result } = (await response.json()) as { result: TracesData }
    return readSpans(result)
  }

  /** Of the thousand traces that arrived last, the newest first. */
  async traceIds(): Promise<string[]> {
    const response = await fetch(`${this.#url}/live/v1/traces?limit=1000`)
    const { traces } = (await response.json()) as { traces: TraceSummary[] }
    return traces.map(({ traceId }) => traceId)
  }

  /** Waits until the trace has exactly this shape; a failure shows both. */
  async waitFor(traceId: string, shape: string): Promise<Span[]> {
    await expect
      .poll(async () => shapeOf(await this.spans(traceId)), { intervals: [50] })
      .toBe(shape)
    return this.spans(traceId)
  }
}

/** The trace of one healthy click. */
export const pingShape = `
client operation [pingtrace-web client]
  /ping [pingtrace-api server]
    redis_integration [pingtrace-api internal]
      server redis operation [pingtrace-api client]
    mongo_integration [pingtrace-api internal]
      server mongo operation [pingtrace-api client]
`.trim()
