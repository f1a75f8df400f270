import { normalAddress } from '@pingtrace/trace-facts'
import type { TraceCollector } from './connect-collector.ts'
import { type Flush, hookAt } from './flush-source.ts'
import type { Surroundings } from './run-action.ts'

/** The services that take part. */
export interface ServiceOptions {
  /**
   * The flush hooks of the services (docs/oracle.md), by URL, or as functions for what runs in the
   * test's own process. With those of all services the verdict is exact.
   */
  flush?: readonly (string | Flush)[]
  /** The addresses of services without a hook: of each call to them a SERVER span is expected. */
  instrumented?: readonly string[]
}

export function surroundingsOf(
  collector: TraceCollector,
  { flush = [], instrumented = [] }: ServiceOptions,
): Surroundings {
  const urls = flush.filter((hook) => typeof hook === 'string')
  return {
    collector,
    sources: flush.map((hook) =>
      typeof hook === 'string' ? hookAt(hook) : { name: 'this process', flush: hook },
    ),
    instrumented: new Set([...urls, ...instrumented].map((url) => normalAddress(hostOf(url)))),
  }
}

/** With its port, as the attributes of spans have it. */
function hostOf(url: string): string {
  const { host, port, protocol } = new URL(url)
  return port === '' ? `${host}:${protocol === 'https:' ? 443 : 80}` : host
}
