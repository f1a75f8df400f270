import { isAtLeast, type RuleId, type Severity } from '@pingtrace/doctor'
import { describeFinding } from './describe-finding.ts'
import { describeMismatch } from './match/describe-mismatch.ts'
import { countOf, matchTrees } from './match/match-trees.ts'
import { type SpanPattern, type SpanTree, show } from './match/span-pattern.ts'
import { printable } from './shape.ts'
import type { Trace } from './trace.ts'

/** What `expect.extend` of Playwright and of vitest give and take. */
export interface MatcherState {
  isNot: boolean
}

export interface HealthOptions {
  /** Rules that are not asked. */
  except?: RuleId[]
  /** What is less grave than this does not fail: `warning`, when left out. */
  atLeast?: Severity
}

export interface MatcherResult {
  pass: boolean
  message: () => string
}

/** What `expect(trace)` can do besides. */
export interface TraceMatchers<Result> {
  /**
   * The trace is this tree, or these trees. Strict: no other spans, no errors that are not expected;
   * siblings in any order. Fails for an incomplete trace, as the others here do.
   */
  toMatchSpans(expected: SpanTree | SpanTree[]): Result
  /** The doctor finds no error and no warning (docs/doctor.md). */
  toBeHealthy(options?: HealthOptions): Result
  /** From the start of the first span to the end of the last, in milliseconds. */
  toTakeLessThan(ms: number): Result
  /** So many spans are like this and no more: against N+1. */
  toHaveAtMost(count: number, pattern: SpanPattern): Result
}

export const traceMatchers = {
  toMatchSpans(this: MatcherState, trace: Trace, expected: SpanTree | SpanTree[]): MatcherResult {
    const trees = [expected].flat()
    const mismatch = matchTrees(trees, trace.roots)
    return judged(this, trace, countOf(mismatch) === 0, () =>
      this.isNot
        ? `it is as it should not be:\n${trace.shape()}`
        : describeMismatch(mismatch, trees, trace.roots),
    )
  },

  toBeHealthy(
    this: MatcherState,
    trace: Trace,
    { except = [], atLeast = 'warning' }: HealthOptions = {},
  ): MatcherResult {
    const findings = trace.findings.filter(
      ({ rule, severity }) => isAtLeast(severity, atLeast) && !except.includes(rule),
    )
    return judged(this, trace, findings.length === 0, () =>
      this.isNot
        ? `the doctor finds no ${atLeast}, and nothing that is graver`
        : `${findings.map(describeFinding).join('\n')}\n\n${trace.shape()}`,
    )
  },

  toTakeLessThan(this: MatcherState, trace: Trace, ms: number): MatcherResult {
    return judged(
      this,
      trace,
      trace.durationMs < ms,
      () => `it took ${trace.durationMs.toFixed(1)} ms; the limit is ${ms} ms\n${trace.shape()}`,
    )
  },

  toHaveAtMost(
    this: MatcherState,
    trace: Trace,
    count: number,
    pattern: SpanPattern,
  ): MatcherResult {
    const found = trace.all(pattern)
    return judged(
      this,
      trace,
      found.length <= count,
      () =>
        `${found.length} spans fit ${show(pattern.name)}; the limit is ${count}\n${trace.shape()}`,
    )
  },
}

/** Nothing holds of a trace of which a part is missing, nor does its opposite. */
function judged(
  { isNot }: MatcherState,
  trace: Trace,
  pass: boolean,
  explain: () => string,
): MatcherResult {
  const { incomplete, name } = trace
  return {
    pass: incomplete === undefined ? pass : isNot,
    message: () => {
      const head =
        incomplete === undefined
          ? `the trace of "${name}" is not as expected`
          : `the trace of "${name}" is incomplete: ${incomplete}`
      return `${printable(head)}\n${explain()}\n\n${trace.urls.join('\n')}`
    },
  }
}
