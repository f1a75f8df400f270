import { type Context, context, trace as traceApi } from '@opentelemetry/api'
import { servicesOf } from '@pingtrace/doctor'
import { readSpans, type TracesData } from '@pingtrace/otlp'
import { settle, type Told } from './completeness/settle.ts'
import type { TraceCollector } from './connect-collector.ts'
import type { FlushReport } from './flush-report.ts'
import type { FlushSource } from './flush-source.ts'
import { type OwnSpan, startOwnSpan, type TestDescription } from './own-span.ts'
import { CollectorRefusal } from './refusal.ts'
import { Trace } from './trace.ts'

export interface DuringOptions {
  /**
   * How long no further span may come, in milliseconds. By default 0 where everybody has told what
   * was exported and dropped, and 100 where somebody has not.
   */
  quietMs?: number
  /** After so long the trace is called incomplete, in milliseconds; 10 s by default. */
  timeoutMs?: number
}

/** What takes part in all actions of a test. */
export interface Surroundings {
  collector: TraceCollector
  /** Services that tell what became of their spans. */
  sources: readonly FlushSource[]
  /** `host:port` of services of which a SERVER span is expected; grows with what is seen. */
  instrumented: Set<string>
}

/** The side from which an action comes: pages, or the test itself. */
export interface Side {
  /** From here on, what begins without a parent is a child of this. */
  begin(traceparent: string): Promise<void>
  /** Flushes, and tells how far the pages are. */
  look(traceIds: readonly string[]): Promise<SideReport>
  /** Traces that the action has begun besides the one it was given. */
  otherTraceIds(): readonly string[]
  end(): Promise<void>
}

export interface SideReport {
  reports: { name: string; report: FlushReport | undefined }[]
  /** Requests that are under way, in words. */
  busy: string[]
  /** Why there may be spans that nobody tells of. */
  untold: string | undefined
}

/** What the test's span is to whoever calls a service: the headers are to be sent along. */
export interface Parent {
  traceparent: string
  headers: { traceparent: string }
  /** Names a further trace that the action has begun: what it causes is waited for as well. */
  alsoFollow(traceId: string): void
}

export interface Action {
  name: string
  run: (parent: Parent) => Promise<unknown>
  test: TestDescription
  side: Side
}

/** A failed action is not waited for as long: its trace is for whoever looks for the reason. */
const failedTimeoutMs = 2_000

/**
 * Runs an action with a span of the test as its parent and waits until its trace is complete.
 * @returns the trace, and what the action failed with, if it did
 * @throws CollectorRefusal where the collector lets us not read or send
 */
export async function runAction(
  { name, run, test, side }: Action,
  surroundings: Surroundings,
  { quietMs, timeoutMs = 10_000 }: DuringOptions,
): Promise<{ trace: Trace; failure: { error: unknown } | undefined }> {
  const { collector, instrumented } = surroundings
  const own = startOwnSpan(name, test)
  let failure: { error: unknown } | undefined
  let stored: TracesData[] = []
  const followed = new Set<string>()
  const traceIds = () => [...new Set([own.traceId, ...side.otherTraceIds(), ...followed])]
  const ownIds = new Set([own.spanId])
  let refusal: CollectorRefusal | undefined
  const read = async () => {
    if (refusal !== undefined) throw refusal
    const data = await Promise.all(traceIds().map((traceId) => collector.read(traceId)))
    if (!data.every((each) => each !== undefined)) return undefined
    stored = data
    const spans = data.flatMap(readSpans).filter(({ spanId }) => !ownIds.has(spanId))
    for (const { addresses = [] } of servicesOf(spans)) {
      for (const address of addresses) instrumented.add(address)
    }
    return spans
  }
  const { traceparent } = own
  const parent: Parent = {
    traceparent,
    headers: { traceparent },
    alsoFollow: (traceId) => followed.add(traceId),
  }
  await side.begin(traceparent)
  try {
    // Async: what it throws at once is a failure like any other.
    await context
      .with(contextOf(own), async () => run(parent))
      .catch((error) => (failure = { error }))
    const ownData = own.end(failure?.error)
    const limitMs = failure === undefined ? timeoutMs : Math.min(timeoutMs, failedTimeoutMs)
    const quiet = { exact: quietMs ?? 0, visible: quietMs ?? 100 }
    const sendOwn = async () => {
      // Where the collector is away, that is what is said of the trace.
      await collector.send(ownData).catch((error) => {
        if (error instanceof CollectorRefusal) refusal = error
      })
    }
    // With nothing below it, it would be a trace of its own in the viewer.
    const mayBeAlone = traceIds().length > 1
    const [verdict] = await Promise.all([
      settle(
        { ask: () => ask(traceIds(), surroundings, side), read },
        { ownIds, instrumented, quietMs: quiet },
        limitMs,
      ),
      mayBeAlone ? undefined : sendOwn(),
    ])
    const data = [ownData, ...stored.map((each) => withoutSpans(each, ownIds))]
    const trace = new Trace({ name, traceIds: traceIds(), ownIds, data, verdict, collector })
    if (mayBeAlone && trace.traceIds.includes(own.traceId)) await sendOwn()
    if (refusal !== undefined) throw refusal
    return { trace, failure }
  } catch (error) {
    // What the action failed with says more than why its trace cannot be had.
    throw failure === undefined ? error : failure.error
  } finally {
    await side.end()
  }
}

async function ask(
  traceIds: readonly string[],
  { sources }: Surroundings,
  side: Side,
): Promise<Told> {
  const [told, ...reports] = await Promise.all([
    side.look(traceIds),
    ...sources.map(async ({ name, flush }) => ({ name, report: await flush(traceIds) })),
  ])
  return { ...told, traceIds, reports: [...told.reports, ...reports] }
}

/** The test's own span is at hand, whether the collector has it by now or not. */
function withoutSpans({ resourceSpans = [] }: TracesData, ids: ReadonlySet<string>): TracesData {
  return {
    resourceSpans: resourceSpans.map(({ scopeSpans = [], ...resource }) => ({
      ...resource,
      scopeSpans: scopeSpans.map(({ spans = [], ...scope }) => ({
        ...scope,
        spans: spans.filter(({ spanId = '' }) => !ids.has(spanId)),
      })),
    })),
  }
}

/** For applications that run in the test's own process. */
function contextOf({ traceId, spanId }: OwnSpan): Context {
  const parent = { traceId, spanId, traceFlags: 1, isRemote: true }
  return traceApi.setSpanContext(context.active(), parent)
}
