import type { Span } from '@pingtrace/otlp'
import {
  compare,
  isDated,
  isRemoteEntry,
  max,
  ms,
  processOf,
  type SpanNode,
} from '@pingtrace/trace-facts'
import { nameOf } from '../../calls/describe-call.ts'
import { type Finding, makeFinding } from '../../finding.ts'
import { duration } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'
import type { TraceSubject } from '../../trace-subject.ts'

/**
 * Spans that should nest and do not: a block has nothing below it, or nothing any more after its first
 * call, and what looks like its work (in the same process, within its time) hangs beside it, or began
 * a trace of its own. Work that merely went on beside it looks alike, so further signs are asked for.
 */
export const contextLost: Rule = (subject) => [
  ...subject.nodes.flatMap(({ children }) => lostSiblings(children)),
  ...lostRoots(subject),
]

/** A span around work, and the time in it that nothing below it accounts for. */
interface Block {
  span: Span
  isEmpty: boolean
  /** When its last child was over; its start, when it has none. */
  from: bigint
}

/** Blocks are compared with each span; of thousands with thousands only the first are. */
const mostComparisons = 500_000
/** What begins anew is dated anew, from a whole millisecond of the clock. */
const anchor = ms(1)

/**
 * Steps that are run side by side begin together and are alike, so only a call beside a block is
 * thought its work, and not one that began with it unless their names say that they belong together.
 */
function lostSiblings(siblings: SpanNode['children']): Finding[] {
  const calls = siblings.flatMap(({ span }) =>
    span && isDated(span) && isCall(span) ? [span] : [],
  )
  if (calls.length === 0) return []
  const blocks = siblings.flatMap(blockOf).filter(({ span }) => span.kind === 'internal')
  const within = searchIn(calls, 0n)
  return lookedAt(blocks, calls).flatMap((block) => {
    const lost = within(block).filter((span) => {
      const isApart = span.start - block.span.start >= anchor
      return looksLikeWork(span, block, isApart)
    })
    return lost.length === 0 ? [] : [finding(block, lost, 'hangs beside it')]
  })
}

/** Roots that are no entry into their process, while a block of it was running. */
function lostRoots({ nodes, elsewhere }: TraceSubject): Finding[] {
  const roots = elsewhere.filter(
    (span) =>
      span.parentSpanId === undefined &&
      isDated(span) &&
      (isCall(span) || span.kind === 'internal'),
  )
  if (roots.length === 0) return []
  const within = searchIn(roots, anchor)
  return lookedAt(nodes.flatMap(blockOf), roots).flatMap((block) => {
    const lost = within(block).filter((span) =>
      // What serves requests makes its calls for them: one that is nobody's is rare.
      isCall(span) && isEntry(block)
        ? shareOf(span, block) >= 0.5
        : (isCall(span) || block.isEmpty) && looksLikeWork(span, block, true),
    )
    return lost.length === 0 ? [] : [finding(block, lost, 'began a trace of its own')]
  })
}

function isCall({ kind }: Span): boolean {
  return kind === 'client' || kind === 'producer'
}

/** A request or message that was taken up, of which nothing further is known. */
function isEntry({ span, isEmpty }: Block): boolean {
  return isEmpty && (span.kind === 'server' || span.kind === 'consumer')
}

/** No call has its work beside it; of a block that did some, a quarter must be left to be filled. */
function blockOf({ span, children }: SpanNode['children'][number]): Block[] {
  if (span === undefined || isCall(span) || !isDated(span) || span.end <= span.start) return []
  if (children.length === 0) return [{ span, isEmpty: true, from: span.start }]
  const from = children.reduce((last, child) => max(last, child.span?.end ?? 0n), span.start)
  const isOpen = (span.end - from) * 4n >= span.end - span.start
  return isOpen ? [{ span, isEmpty: false, from }] : []
}

/** Finds what ran in a block, after its last child, in its process. */
function searchIn(spans: readonly Span[], slack: bigint): (block: Block) => Span[] {
  const sorted = spans.toSorted((a, b) => compare(a.start, b.start))
  return ({ span: block, from }) => {
    const found: Span[] = []
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sorted[middle]!.start < from - slack) low = middle + 1
      else high = middle
    }
    for (let span = sorted[low]; span !== undefined && span.start < block.end; span = sorted[low]) {
      low += 1
      if (lies(span, block, slack)) found.push(span)
    }
    return found
  }
}

function lies(span: Span, block: Span, slack: bigint): boolean {
  return (
    span.spanId !== block.spanId &&
    !isRemoteEntry(span) &&
    span.end <= block.end + slack &&
    // Both ends the same: two names for one thing, or a clock too coarse to tell.
    !(span.start === block.start && span.end === block.end) &&
    processOf(span) === processOf(block)
  )
}

function lookedAt(blocks: Block[], spans: readonly Span[]): Block[] {
  return blocks.slice(0, Math.max(1, Math.floor(mostComparisons / Math.max(1, spans.length))))
}

/** A block takes this long besides its work: of a quick call that is more than a tenth. */
const overhead = ms(2)

/**
 * It fills nearly all of what is open in the block; or half of it, and they have a word in common.
 * @param mayBeAlone false where only a word in common counts
 */
function looksLikeWork(span: Span, block: Block, mayBeAlone: boolean): boolean {
  const share = shareOf(span, block)
  if (share < 0.5) return false
  const isRestShort = block.span.end - block.from - (span.end - span.start) <= overhead
  if (mayBeAlone && (share >= 0.9 || isRestShort)) return true
  return haveWordInCommon(span.name, block.span.name)
}

function shareOf(span: Span, { span: block, from }: Block): number {
  return Number(span.end - span.start) / Number(block.end - from)
}

function haveWordInCommon(a: string, b: string): boolean {
  const words = (name: string) => name.toLowerCase().match(/[a-z]{4,}/g) ?? []
  const known = new Set(words(a))
  return words(b).some((word) => known.has(word))
}

function finding({ span: block, isEmpty, from }: Block, lost: Span[], how: string): Finding {
  const [first] = lost as [Span, ...Span[]]
  const what = isEmpty ? 'has no child' : 'has no child after its first ones'
  return makeFinding('context-lost', {
    span: block,
    candidates: lost,
    severity: 'warning',
    certainty: 'likely',
    problem: `${nameOf(block)} ${what}, and ${nameOf(first)}, which ran within it, ${how}.`,
    evidence: {
      block: duration(block.end - block.start),
      ...(isEmpty ? {} : { 'last child over after': duration(from - block.start) }),
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
