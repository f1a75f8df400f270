import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { ExportLedger } from './export-ledger.ts'
import { clockOf, flushTracing, startTracing, tracedFetch, withClock } from './index.ts'

/** What the test calls in the page. */
export interface ByHand {
  start(otlpEndpoint: string, apiUrl: string): void
  /** A span around two requests, and two awaits between them. */
  operate(apiUrl: string): Promise<void>
  /** So many spans, one after the other, each exported before the next begins. */
  exportInTurn(count: number): Promise<{ exported: number; dropped: number }>
}

declare global {
  interface Window {
    byHand: ByHand
  }
}

const tracer = trace.getTracer('by-hand')

/** An application that has copied this folder, for the end-to-end tests: built as the page is. */
window.byHand = {
  start: (endpoint, apiUrl) =>
    startTracing({
      endpoint,
      propagateTo: [apiUrl],
      serviceName: 'by-hand',
      ledger: new ExportLedger(),
    }),

  operate: async (apiUrl) => {
    const operation = withClock(ROOT_CONTEXT)
    const clock = clockOf(operation)
    const span = tracer.startSpan('operation', { startTime: clock.now() }, operation)
    const parent = trace.setSpan(operation, span)
    const first = tracedFetch(new URL('/redis/5', apiUrl), { name: 'first', parent })
    await (await first.response).text()
    await new Promise((resolve) => setTimeout(resolve, 1))
    const second = tracedFetch(new URL('/mongo/5', apiUrl), { name: 'second', parent })
    await (await second.response).text()
    span.end(clock.now())
    await flushTracing()
  },

  exportInTurn: async (count) => {
    const totals = { exported: 0, dropped: 0 }
    for (let i = 0; i < count; i++) {
      tracer.startSpan('exported', { attributes: { padding: 'x'.repeat(1_000) } }).end()
      await flushTracing()
    }
    for (const { exported, dropped } of Object.values((await flushTracing()).traces)) {
      totals.exported += exported.length
      totals.dropped += dropped
    }
    return totals
  },
}
