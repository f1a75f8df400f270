import { connectCollector, type TraceCollector } from './connect-collector.ts'
import type { CollectorTokens } from './refusal.ts'
import { type DuringOptions, type Parent, runAction, type Side } from './run-action.ts'
import { startCollector } from './start-collector.ts'
import { type ServiceOptions, surroundingsOf } from './surroundings.ts'
import type { Trace } from './trace.ts'

export interface TracesOptions extends ServiceOptions, CollectorTokens {
  /** Of the queries of a collector that is running; otherwise one is started. */
  collectorUrl?: string | undefined
}

/** Traces for tests that need no browser. */
export interface Traces {
  readonly collector: TraceCollector
  /**
   * Runs the action and resolves to the complete trace of what it caused. What the action itself
   * fails with is thrown on.
   */
  during(
    name: string,
    action: (parent: Parent) => Promise<unknown>,
    options?: DuringOptions,
  ): Promise<Trace>
  /** Ends the collector, if it was started here. */
  close(): Promise<void>
}

/** The collector of a whole test run, where somebody has started one for it. */
export const collectorVariable = 'PINGTRACE_COLLECTOR_URL'

/**
 * @param testName the title of the test that runs
 * @throws Error that says what to do, when there is no collector
 */
export async function openTraces(
  options: TracesOptions = {},
  runner = 'test',
  testName = () => '',
): Promise<Traces> {
  const url = options.collectorUrl ?? process.env[collectorVariable]
  const own = url ? undefined : await startCollector()
  const collector = own ?? (await connectCollector(url!, options))
  const surroundings = surroundingsOf(collector, options)
  return {
    collector,
    during: async (name, run, duringOptions = {}) => {
      const action = { name, run, test: { runner, test: testName() }, side: withoutPage }
      const { trace, failure } = await runAction(action, surroundings, duringOptions)
      if (failure !== undefined) throw failure.error
      return trace
    },
    close: async () => own?.stop(),
  }
}

/** The test calls the services itself: when the action is over, so are its calls. */
const withoutPage: Side = {
  begin: () => Promise.resolve(),
  look: () => Promise.resolve({ reports: [], busy: [], untold: undefined }),
  otherTraceIds: () => [],
  end: () => Promise.resolve(),
}
