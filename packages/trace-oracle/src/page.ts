import {
  type Context,
  type ContextManager,
  context,
  propagation,
  ROOT_CONTEXT,
} from '@opentelemetry/api'
import type { FlushReport } from './flush-report.ts'

/** What a test and a page have in common: the test sets the parent, the page offers the flush. */
export interface PageHook {
  /** W3C Trace Context: the span of the test of which this page is a part just now. */
  traceparent?: string
  /** Exports what has ended, and tells what became of the spans of these traces. */
  flush?(traceIds: readonly string[]): Promise<FlushReport>
}

declare global {
  var pingtrace: PageHook | undefined
}

/**
 * Lets a test be the parent of what the page does: where no other context is active, the one that the
 * test has put into `globalThis.pingtrace.traceparent` is. Requests are not touched.
 *
 * For test runs only: in production leave the call out, since whatever runs in the page can set that
 * variable. Call it once, after the propagator is set.
 *
 * @param manager the page's own context manager, where it has one
 */
export function followTest(manager?: ContextManager): void {
  context.setGlobalContextManager(new TestParent(manager))
}

/** Falls back to the test's context where `manager`, if there is one, is at its root. */
class TestParent implements ContextManager {
  readonly #manager: ContextManager | undefined

  constructor(manager: ContextManager | undefined) {
    this.#manager = manager
  }

  active(): Context {
    const active = this.#manager?.active() ?? ROOT_CONTEXT
    const { traceparent } = globalThis.pingtrace ?? {}
    if (active !== ROOT_CONTEXT || traceparent === undefined) return active
    return propagation.extract(ROOT_CONTEXT, { traceparent })
  }

  with<Args extends unknown[], Run extends (...args: Args) => ReturnType<Run>>(
    given: Context,
    run: Run,
    thisArg?: ThisParameterType<Run>,
    ...args: Args
  ): ReturnType<Run> {
    if (this.#manager) return this.#manager.with(given, run, thisArg, ...args)
    return run.call(thisArg, ...args)
  }

  bind<Target>(given: Context, target: Target): Target {
    return this.#manager ? this.#manager.bind(given, target) : target
  }

  enable(): this {
    this.#manager?.enable()
    return this
  }

  disable(): this {
    this.#manager?.disable()
    return this
  }
}
