import type { HrTime, Span } from '@opentelemetry/api'
import {
  addHrTimes,
  hrTimeDuration,
  hrTimeToMilliseconds,
  millisToHrTime,
} from '@opentelemetry/core'
import { ATTR_NETWORK_PROTOCOL_VERSION } from '@opentelemetry/semantic-conventions'
import type { OperationClock } from './operation-clock.ts'

/**
 * Recorded as events of the client span, under the names that OpenTelemetry's own instrumentation
 * for browsers gives them: those of PerformanceResourceTiming. (The semantic conventions 1.45 have
 * none for spans.)
 *
 * - domainLookupStart to domainLookupEnd: DNS
 * - connectStart to connectEnd: TCP and TLS; TLS alone from secureConnectionStart, which is missing
 *   without TLS and on a connection that was there already
 * - up to requestStart: waiting for a free connection, and for the CORS preflight where one was
 *   needed: browsers have no entry for preflights, but the time is in this gap
 * - requestStart to responseStart: the server's time and the way; responseStart to responseEnd: the
 *   download
 *
 * On a connection that was there already, the first four all happen at fetchStart.
 */
const moments = [
  'fetchStart',
  'domainLookupStart',
  'domainLookupEnd',
  'connectStart',
  'secureConnectionStart',
  'connectEnd',
  'requestStart',
  'responseStart',
  'responseEnd',
] as const

/** Why events are missing, in words. */
export const attrTimingUnknown = 'resource_timing.unknown'

/** Some browsers have the entry only a moment after the body. */
const patienceMs = 50

/** Those of the spans that are over but for their timing. */
const waiting = new Set<() => void>()

/** Ends the spans that wait for their timing, without it: call it before a flush. */
export function stopWaitingForTimings(): void {
  for (const finish of waiting) finish()
}

/** Finds the Resource Timing entry of one request; make it right before the request is sent. */
export class ResourceTiming {
  readonly #url: string
  readonly #startTime: HrTime
  readonly #startMillis = performance.now()
  readonly #entries: PerformanceResourceTiming[] = []
  readonly #observer: PerformanceObserver | undefined
  #onEntries = (): void => undefined
  /** `fetch` was called between these two moments. */
  #calling = 0
  #called = 0

  constructor(url: URL, clock: OperationClock) {
    this.#url = url.href
    this.#startTime = clock.now()
    if (typeof PerformanceObserver === 'undefined') return
    // Not performance.getEntries(): that buffer is full after 250 resources.
    this.#observer = new PerformanceObserver((list) => {
      this.#keep(list.getEntries())
      this.#onEntries()
    })
    this.#observer.observe({ type: 'resource' })
  }

  /** @param send calls `fetch` before its first `await` */
  during<T>(send: () => T): T {
    this.#calling = performance.now()
    const result = send()
    this.#called = performance.now()
    return result
  }

  /**
   * Records the timing on the span, whose end is in the past already. If there was an answer it
   * waits a moment for the entry.
   * @param done ends the span; called once, at once where possible
   */
  recordOn(span: Span, endTime: HrTime, answered: boolean, done: () => void): void {
    this.#keep(this.#observer?.takeRecords() ?? [])
    const finish = (): void => {
      stopWaiting()
      this.#observer?.disconnect()
      this.#record(span, endTime, answered)
      done()
    }
    const mayCome = answered && this.#observer !== undefined && this.#entry === undefined
    const stopWaiting = mayCome ? this.#waitFor(finish) : () => undefined
    if (!mayCome) finish()
  }

  /** Calls `finish` when the entry is there, or patience is at an end. */
  #waitFor(finish: () => void): () => void {
    const timer = setTimeout(finish, patienceMs)
    this.#onEntries = () => this.#entry && finish()
    waiting.add(finish)
    return () => {
      clearTimeout(timer)
      waiting.delete(finish)
    }
  }

  #keep(entries: PerformanceEntryList): void {
    const ours = entries.filter(({ name }) => name === this.#url)
    this.#entries.push(...(ours as PerformanceResourceTiming[]))
  }

  /**
   * Of parallel requests to the same URL it is the one that started while we called `fetch`. Clocks
   * of pages are coarse (0.1 ms), so the request before may seem to have started then as well.
   */
  get #entry(): PerformanceResourceTiming | undefined {
    return this.#entries
      .filter(({ startTime }) => startTime >= this.#calling && startTime <= this.#called)
      .sort((a, b) => b.startTime - a.startTime)[0]
  }

  #record(span: Span, endTime: HrTime, answered: boolean): void {
    if (!span.isRecording()) return
    const entry = this.#entry
    const reason = whyUnknown(entry, answered)
    if (reason !== undefined) span.setAttribute(attrTimingUnknown, reason)
    if (entry === undefined) return

    const durationMs = hrTimeToMilliseconds(hrTimeDuration(this.#startTime, endTime))
    for (const moment of moments) {
      // Zero is how the entry says "not known" and "there was none".
      if (!entry[moment]) continue
      // The same coarse clocks may put the last of them just outside the span.
      const offset = Math.min(Math.max(entry[moment] - this.#startMillis, 0), durationMs)
      span.addEvent(moment, addHrTimes(this.#startTime, millisToHrTime(offset)))
    }
    // ALPN names: http/1.1, h2, h3. The conventions have the version alone.
    const [, version] = /^(?:http\/|h)([\d.]+)/.exec(entry.nextHopProtocol) ?? []
    if (version !== undefined) span.setAttribute(ATTR_NETWORK_PROTOCOL_VERSION, version)
  }
}

function whyUnknown(entry: PerformanceResourceTiming | undefined, answered: boolean) {
  if (!answered) return 'there was no complete answer'
  if (entry === undefined) return 'the browser reported no timing for this request'
  // Of other origins a page is told the start and the end, unless they allow more.
  if (entry.requestStart === 0) return 'hidden: no Timing-Allow-Origin from the server'
  return undefined
}
