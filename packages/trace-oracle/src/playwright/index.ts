import { test as base, expect as baseExpect, type TestInfo } from '@playwright/test'
import { connectCollector, type TraceCollector } from '../connect-collector.ts'
import { traceMatchers } from '../matchers.ts'
import { collectorVariable } from '../open-traces.ts'
import type { CollectorTokens } from '../refusal.ts'
import { type DuringOptions, type Parent, runAction } from '../run-action.ts'
import { startCollector } from '../start-collector.ts'
import { type ServiceOptions, surroundingsOf } from '../surroundings.ts'
import type { Trace } from '../trace.ts'
import { PageSide } from './page-side.ts'
import { StepReport } from './step-report.ts'

export type { SpanPattern, SpanTree } from '../match/span-pattern.ts'
export type { Trace } from '../trace.ts'

/** The traces of what a test does in its pages. */
export interface Traces {
  /**
   * Runs the action and resolves to the complete trace of what it caused, in the pages and behind
   * them: `await traces.during('buy', () => page.getByRole('button').click())`.
   *
   * The step has a span, which is the parent of whatever begins in the pages meanwhile, and of what
   * the test itself calls with its headers.
   */
  during(
    name: string,
    action: (parent: Parent) => Promise<unknown>,
    options?: DuringOptions,
  ): Promise<Trace>
}

export interface TraceFixtures {
  traces: Traces
  /** The services behind the page; to be set in `use`, or by a fixture of your own. */
  traceServices: ServiceOptions
}

export interface TraceWorkerFixtures {
  /** Of the queries of a collector that is running. Otherwise each worker starts one. */
  collectorUrl: string | undefined
  /** What that collector wants to be shown, where it is protected. */
  collectorTokens: CollectorTokens
  /** Where the application under test sends its spans. */
  collector: TraceCollector
}

export const test = base.extend<TraceFixtures, TraceWorkerFixtures>({
  collectorUrl: [process.env[collectorVariable], { scope: 'worker', option: true }],
  collectorTokens: [{}, { scope: 'worker', option: true }],
  collector: [
    async ({ collectorUrl, collectorTokens }, use) => {
      if (collectorUrl) return use(await connectCollector(collectorUrl, collectorTokens))
      const collector = await startCollector()
      await use(collector)
      await collector.stop()
    },
    { scope: 'worker' },
  ],
  traceServices: [{}, { option: true }],
  traces: async ({ context, collector, traceServices }, use, info) => {
    const surroundings = surroundingsOf(collector, traceServices)
    const report = new StepReport(info)
    let running: string | undefined
    await use({
      during: (name, run, options = {}) =>
        base.step(
          name,
          async () => {
            if (running !== undefined) {
              throw new Error(`"${name}" began during "${running}": what would be whose?`)
            }
            running = name
            try {
              const urls = [collector.url, collector.otlpHttpUrl]
              const side = new PageSide(context, urls)
              const action = { name, run, side, test: describe(info) }
              const { trace, failure } = await runAction(action, surroundings, options)
              await report.add(trace)
              if (failure !== undefined) throw failure.error
              return trace
            } finally {
              running = undefined
            }
          },
          { box: true },
        ),
    })
    await report.end()
  },
})

export const expect = baseExpect.extend(traceMatchers)

function describe({ titlePath }: TestInfo) {
  return { runner: 'playwright', test: titlePath.join(' › ') }
}
