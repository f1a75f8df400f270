import { diagnose, type Finding, servicesOf } from '@pingtrace/doctor'
import { readSpans, type Span, type TracesData } from '@pingtrace/otlp'
import { buildTraceTree, type TraceNode, timeRange } from '@pingtrace/trace-tree'
import { fits, type SpanPattern } from './match/span-pattern.ts'
import { shapeOf } from './shape.ts'
import type { Verdict } from './verdict.ts'
import { waterfall } from './waterfall.ts'

export interface TraceContent {
  /** Of the action. */
  name: string
  /** That of the test's own span first. */
  traceIds: readonly string[]
  /** The spans of the test itself. */
  ownIds: ReadonlySet<string>
  /** All that is known of them. */
  data: readonly TracesData[]
  verdict: Verdict
  collector: { urlOf(traceId: string): string }
}

/**
 * What an action has caused: all spans below the test's own, and of the other traces that it began,
 * if it did.
 */
export class Trace {
  readonly name: string
  readonly traceIds: readonly string[]
  /** Where the viewer shows them. */
  readonly urls: readonly string[]
  /** Without the test's own span. */
  readonly spans: readonly Span[]
  /** The spans directly below the test's, and those without a parent; with all that is below them. */
  readonly roots: readonly TraceNode[]
  readonly verdict: Verdict
  /** As the collector has it, the test's own span included. */
  readonly otlp: TracesData
  /** The whole trees, from the test's span down. */
  readonly #trees: readonly TraceNode[]
  #findings: Finding[] | undefined

  constructor({ name, traceIds, ownIds, data, verdict, collector }: TraceContent) {
    this.name = name
    this.verdict = verdict
    this.otlp = { resourceSpans: data.flatMap(({ resourceSpans = [] }) => resourceSpans) }
    const all = readSpans(this.otlp)
    this.#trees = traceIds.flatMap(
      (id) => buildTraceTree(all.filter(({ traceId }) => traceId === id)).roots,
    )
    this.roots = this.#trees
      .flatMap((node) => (ownIds.has(node.spanId) ? node.children : node))
      .sort(byStart)
    this.spans = all.filter(({ spanId }) => !ownIds.has(spanId))
    // Where nothing came to be a child of the test's span, nobody wants to see that one alone.
    const used = new Set(this.spans.map(({ traceId }) => traceId))
    this.traceIds = used.size === 0 ? traceIds : traceIds.filter((id) => used.has(id))
    this.urls = this.traceIds.map((id) => collector.urlOf(id))
  }

  /** What is missing, in words; undefined for a complete trace. */
  get incomplete(): string | undefined {
    return this.verdict.kind === 'incomplete' ? this.verdict.missing.join('; ') : undefined
  }

  /** From the earliest start to the latest end, the test's own span aside; 0 without spans. */
  get durationMs(): number {
    const { start, end } = timeRange(this.spans)
    return Number(end - start) / 1e6
  }

  /**
   * What the doctor says (docs/doctor.md), the gravest first of each trace. Whatever stands at the test's own span is left
   * out: that is no part of what is tested.
   */
  get findings(): readonly Finding[] {
    this.#findings ??= this.#diagnose()
    return this.#findings
  }

  #diagnose(): Finding[] {
    const all = readSpans(this.otlp)
    const own = new Set(this.spans.map(({ spanId }) => spanId))
    const around = { elsewhere: all, services: servicesOf(all) }
    return this.traceIds
      .flatMap((id) =>
        diagnose(
          all.filter(({ traceId }) => traceId === id),
          around,
        ),
      )
      .filter(({ span }) => own.has(span.spanId))
  }

  /** The spans that fit; errors fit as well, unless the pattern says otherwise. */
  all(pattern: SpanPattern): Span[] {
    return this.spans.filter((span) => fits(span, pattern))
  }

  /** The first span that fits. @throws Error with the trace, when none does */
  find(pattern: SpanPattern): Span {
    const found = this.spans.find((span) => fits(span, pattern))
    if (found === undefined) {
      throw new Error(`no span ${pattern.name} in ${this.urls.join(' ')}:\n${this.shape()}`)
    }
    return found
  }

  /** The tree as text, for snapshots: no ids, no times, no ports. */
  shape(): string {
    return shapeOf(this)
  }

  /** The waterfall as a picture. */
  svg(): string {
    return waterfall(this.#trees, this)
  }
}

function byStart(a: TraceNode, b: TraceNode): number {
  const [x, y] = [startOf(a), startOf(b)]
  if (x !== y) return x < y ? -1 : 1
  return a.id < b.id ? -1 : 1
}

/** That of a parent that is not there is its first child's. */
function startOf(node: TraceNode): bigint {
  return (node.span ?? node.children[0]?.span)?.start ?? 0n
}
