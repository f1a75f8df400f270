import type { BrowserContext, Disposable, Frame, Page, Request } from '@playwright/test'
import { type FlushReport, readFlushReport } from '../flush-report.ts'
import type { Side, SideReport } from '../run-action.ts'

/** A page whose collector is away takes long to say so; it is asked again in the next round. */
const flushLimitMs = 3_000

/** What a document answers; `born` tells it from the one before and after it. */
interface DocumentAnswer {
  born: number
  hasHook: boolean
  report?: unknown
}

/**
 * The pages of a test: they are given the test's span as their parent, flushed, and watched. Requests
 * are looked at and never changed: whoever rewrites a `traceparent` breaks what is tested.
 */
export class PageSide implements Side {
  readonly #context: BrowserContext
  readonly #collectorPorts: ReadonlySet<string>
  readonly #inFlight = new Set<Request>()
  readonly #otherTraceIds = new Set<string>()
  /** The documents that counted spans when the action began, or were met since. */
  readonly #counting = new Map<Frame, number>()
  /** The frames that have loaded a document since the action began. */
  readonly #loaded = new Set<Frame>()
  #ownTraceId = ''
  #left: string | undefined
  #script: Disposable | undefined

  constructor(context: BrowserContext, collectorUrls: readonly string[]) {
    this.#context = context
    this.#collectorPorts = new Set(collectorUrls.map((url) => new URL(url).port))
  }

  async begin(traceparent: string): Promise<void> {
    this.#ownTraceId = traceparent.split('-')[1] ?? ''
    this.#context.on('page', this.#onPage)
    for (const page of this.#context.pages()) this.#onPage(page)
    this.#context.on('request', this.#onRequest)
    this.#context.on('response', this.#onResponse)
    this.#context.on('requestfinished', this.#onOver)
    this.#context.on('requestfailed', this.#onOver)
    await this.#setParent(traceparent)
    await this.#ask([])
  }

  async end(): Promise<void> {
    await this.#setParent(undefined)
    this.#context.off('page', this.#onPage)
    for (const page of this.#context.pages()) page.off('close', this.#onClose)
    this.#context.off('request', this.#onRequest)
    this.#context.off('response', this.#onResponse)
    this.#context.off('requestfinished', this.#onOver)
    this.#context.off('requestfailed', this.#onOver)
  }

  otherTraceIds(): readonly string[] {
    return [...this.#otherTraceIds]
  }

  async look(traceIds: readonly string[]): Promise<SideReport> {
    const reports = await this.#ask(traceIds)
    const busy = [...this.#inFlight].map((each) => `the answer to ${each.method()} ${each.url()}`)
    const worker = this.#context.pages().find((page) => page.workers().length > 0)
    const untold = this.#left ?? (worker && `a worker of ${worker.url()} may send spans of its own`)
    return { reports, busy, untold }
  }

  /** For the documents that are there, and for those that come. */
  async #setParent(traceparent: string | undefined): Promise<void> {
    const value = traceparent === undefined ? 'undefined' : JSON.stringify(traceparent)
    // As text: a compiler may put helpers into a function that the page does not have.
    const content = `(globalThis.pingtrace ??= {}).traceparent = ${value}`
    const script = this.#script
    await Promise.all([
      traceparent === undefined
        ? script?.dispose()
        : this.#context.addInitScript({ content }).then((added) => (this.#script = added)),
      ...this.#frames().map((frame) => inDocument(frame, content)),
    ])
  }

  /** Each document that is there flushes and tells; whose documents are gone cannot. */
  async #ask(traceIds: readonly string[]): Promise<SideReport['reports']> {
    const frames = this.#frames()
    const answers = await Promise.all(frames.map((frame) => askDocument(frame, traceIds)))
    for (const [frame, born] of this.#counting) {
      const answer = answers[frames.indexOf(frame)]
      if (answer !== undefined && answer.born === born) continue
      // One that does not answer just now may be on its way out: the next round knows.
      const isGone = !frames.includes(frame)
      if (isGone || answer !== undefined) this.#leave(frame)
    }
    return frames.map((frame, index) => {
      const answer = answers[index]
      const name = frame.url()
      if (answer?.hasHook) this.#counting.set(frame, answer.born)
      if (answer?.report === undefined) return { name, report: undefined }
      return { name, report: readReport(name, answer.report) }
    })
  }

  /** What was there may have had spans that nobody tells of now. */
  #leave(frame: Frame): void {
    this.#left ??= `a document before ${frame.url()} was left or loaded anew`
  }

  /** Without empty ones: there is nothing in them. */
  #frames(): Frame[] {
    const frames = this.#context.pages().flatMap((page: Page) => page.frames())
    return frames.filter((frame) => !/^(about:|$)/.test(frame.url()) && !frame.isDetached())
  }

  #onPage = (page: Page): void => {
    page.on('close', this.#onClose)
  }

  /** Nobody tells how the requests of a closed page end, and nobody waits for them. */
  #onClose = (page: Page): void => {
    for (const request of this.#inFlight) {
      if (frameOf(request)?.page() === page) this.#inFlight.delete(request)
    }
  }

  #onRequest = (request: Request): void => {
    if (this.#isExport(request) || request.resourceType() === 'eventsource') return
    this.#inFlight.add(request)
    if (request.isNavigationRequest() && request.redirectedFrom() === null) this.#onLoad(request)
    const traceId = request.headers().traceparent?.split('-')[1]
    if (traceId !== undefined && traceId !== this.#ownTraceId) this.#otherTraceIds.add(traceId)
  }

  /** The second document of a frame comes after one that nobody may have asked. */
  #onLoad(request: Request): void {
    const frame = frameOf(request)
    if (frame === undefined) return
    if (this.#loaded.has(frame)) this.#leave(frame)
    this.#loaded.add(frame)
  }

  /** A stream of events goes on for as long as the page does. */
  #onResponse = (response: { request(): Request; headers(): Record<string, string> }): void => {
    const type = response.headers()['content-type'] ?? ''
    if (type.startsWith('text/event-stream')) this.#inFlight.delete(response.request())
  }

  #onOver = (request: Request): void => {
    this.#inFlight.delete(request)
  }

  /** Exports, and whatever a viewer in the page asks the collector for. */
  #isExport(request: Request): boolean {
    const { port, hostname } = new URL(request.url())
    return this.#collectorPorts.has(port) && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)
  }
}

/** Undefined for the first document of a window that opens: its frame is not there yet. */
function frameOf(request: Request): Frame | undefined {
  try {
    return request.frame()
  } catch {
    return undefined
  }
}

async function askDocument(
  frame: Frame,
  traceIds: readonly string[],
): Promise<DocumentAnswer | undefined> {
  const script = `(async () => {
    const flush = globalThis.pingtrace?.flush
    const late = new Promise((resolve) => setTimeout(resolve, ${flushLimitMs}))
    const report = flush && await Promise.race([flush(${JSON.stringify(traceIds)}), late])
    return { born: performance.timeOrigin, hasHook: flush !== undefined, report }
  })()`
  return (await inDocument(frame, script)) as DocumentAnswer | undefined
}

/** Undefined where the document goes away meanwhile; the one after it is asked in the next round. */
async function inDocument(frame: Frame, script: string): Promise<unknown> {
  try {
    return await frame.evaluate(script)
  } catch {
    return undefined
  }
}

function readReport(name: string, answer: unknown): FlushReport {
  try {
    return readFlushReport(answer)
  } catch (error) {
    throw new Error(`pingtrace.flush of ${name} answers wrongly: ${error}`, { cause: error })
  }
}
