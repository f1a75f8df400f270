import type { Span } from '@pingtrace/otlp'
import { isDated, isRemoteEntry, max, processOf, type SpanNode } from '@pingtrace/trace-facts'
import { nameOf } from '../../calls/describe-call.ts'
import { type Finding, makeFinding } from '../../finding.ts'
import { duration } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'
import type { TraceSubject } from '../../trace-subject.ts'

/**
 * Spans that should nest and do not: a span of a block is over without a single child, and what
 * looks like its work (in the same process, within its time) hangs beside it, or began a trace of
 * its own. Work that merely went on beside it looks alike, so a second sign is asked for.
 */
export const contextLost: Rule = (subject) => [
  ...subject.nodes.flatMap(({ children }) => lostSiblings(children)),
  ...lostRoots(subject),
]

function lostSiblings(siblings: SpanNode['children']): Finding[] {
  const spans = siblings.flatMap(({ span }) => (span && isDated(span) ? [span] : []))
  return lookedAt(siblings.filter(isEmptyBlock), spans).flatMap(({ span: block }) => {
    const lost = spans.filter((span) => lies(span, block) && looksLikeWork(span, block))
    return lost.length === 0 ? [] : [finding(block, lost, 'hangs beside it')]
  })
}

/** Blocks are compared with each span; of thousands with thousands only the first are. */
const mostComparisons = 500_000

function lookedAt(blocks: SpanNode[], spans: readonly Span[]): SpanNode[] {
  return blocks.slice(0, Math.max(1, Math.floor(mostComparisons / Math.max(1, spans.length))))
}

/** Nanoseconds: what begins anew is dated anew, from a whole millisecond of the clock. */
const anchor = 1_000_000n

/** A root that is no entry into its process, while an empty block of the same process was running. */
function lostRoots({ nodes, elsewhere }: TraceSubject): Finding[] {
  const blocks = nodes.filter(isEmptyBlock)
  if (blocks.length === 0) return []
  const roots = elsewhere.filter(
    (span) =>
      span.parentSpanId === undefined &&
      isDated(span) &&
      (span.kind === 'client' || span.kind === 'internal'),
  )
  return lookedAt(blocks, roots).flatMap(({ span: block }) => {
    const lost = roots.filter(
      (span) =>
        processOf(span) === processOf(block) &&
        lies(span, block, anchor) &&
        looksLikeWork(span, block),
    )
    return lost.length === 0 ? [] : [finding(block, lost, 'began a trace of its own')]
  })
}

function isEmptyBlock(node: SpanNode['children'][number]): node is SpanNode {
  const { span, children } = node
  return (
    span?.kind === 'internal' && children.length === 0 && isDated(span) && span.end > span.start
  )
}

function lies(span: Span, block: Span, slack = 0n): boolean {
  return (
    span.spanId !== block.spanId &&
    !isRemoteEntry(span) &&
    span.start >= block.start - slack &&
    span.end <= block.end + slack &&
    // Both ends the same: two names for one thing, or a clock too coarse to tell.
    !(span.start === block.start && span.end === block.end) &&
    processOf(span) === processOf(block)
  )
}

/** Nanoseconds that a block takes besides its work: of a quick call that is more than a tenth. */
const overhead = 2_000_000n

/** It fills nearly all of the block; or half of it, and they have a word in common. */
function looksLikeWork(span: Span, block: Span): boolean {
  const [work, all] = [span.end - span.start, block.end - block.start]
  const share = Number(work) / Number(all)
  const isNearlyAll = share >= 0.9 || (share >= 0.5 && all - work <= overhead)
  return isNearlyAll || (share >= 0.5 && haveWordInCommon(span.name, block.name))
}

function haveWordInCommon(a: string, b: string): boolean {
  const words = (name: string) => name.toLowerCase().match(/[a-z]{4,}/g) ?? []
  const known = new Set(words(a))
  return words(b).some((word) => known.has(word))
}

function finding(block: Span, lost: Span[], how: string): Finding {
  const [first] = lost as [Span, ...Span[]]
  return makeFinding('context-lost', {
    span: block,
    candidates: lost,
    severity: 'warning',
    certainty: 'likely',
    problem: `${nameOf(block)} has no child, and ${nameOf(first)}, which ran within it, ${how}.`,
    evidence: {
      block: duration(block.end - block.start),
      within: duration(first.end - first.start),
      'began after the block': duration(max(first.start - block.start, 0n)),
      'ended before it': duration(max(block.end - first.end, 0n)),
      ...(lost.length > 1 ? { 'spans within it': String(lost.length) } : {}),
    },
    cause:
      'The active context did not reach the code inside: lost at an await (browsers have nothing that keeps it), in a callback or queue, or the span was started and never made active.',
    mend: 'Run the block in the span’s context (context.with(trace.setSpan(...)), startActiveSpan); in a browser pass the context by hand; bind callbacks with context.bind.',
  })
}
