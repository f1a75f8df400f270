/** How a trace opened; milliseconds since the navigation. */
export interface Opened {
  /** Its first rows had been painted. */
  firstRowsMs: number
  /** The last byte of its spans was read. */
  lastByteMs: number
  /** The screen with all of its spans had been painted. */
  completeMs: number
  bytes: number
  longestTaskMs: number
}

declare global {
  interface Window {
    readClock: { opened(spans: number): Promise<Opened> }
  }
}

/**
 * Runs in the page, before anything of the page does; it may name nothing outside of itself.
 *
 * The last byte is the last chunk that the page read of the trace's stream before the trace was
 * complete on the screen. A screen counts as painted in the second animation frame after its rows are in
 * the document, which is up to a frame late and never early.
 */
export function installReadClock(): void {
  let lastByteMs = 0
  let bytes = 0
  let longestTaskMs = 0
  const fetchAsEver = window.fetch
  window.fetch = async (input, init) => {
    const response = await fetchAsEver(input, init)
    const url = input instanceof Request ? input.url : String(input)
    if (response.body === null || !url.includes('traceId=')) return response
    const counted = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        lastByteMs = performance.now()
        bytes += chunk.length
        controller.enqueue(chunk)
      },
    })
    const { status, headers } = response
    return new Response(response.body.pipeThrough(counted), { status, headers })
  }
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration)
  }).observe({ type: 'longtask', buffered: true })

  const painted = () =>
    new Promise<number>((resolve) =>
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now()))),
    )
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => check())
      const check = (): void => {
        if (!holds()) return
        observer.disconnect()
        resolve()
      }
      observer.observe(document, { subtree: true, childList: true, characterData: true })
      check()
    })
  const firstRows = until(
    () => document.querySelector('section[data-trace-id] [role="treeitem"]') !== null,
  ).then(painted)

  const opened = async (spans: number): Promise<Opened> => {
    const facts = `${spans} spans`
    await until(
      () =>
        document
          .querySelector('section[data-trace-id] .trace-facts')
          ?.textContent.includes(facts) === true,
    )
    const last = lastByteMs
    const completeMs = await painted()
    return { firstRowsMs: await firstRows, lastByteMs: last, completeMs, bytes, longestTaskMs }
  }
  window.readClock = { opened }
}

/**
 * Runs in the page: scrolls what holds the rows by 200 pixels a frame, there and back, and answers how
 * long each frame took.
 */
export function scrollThrough({
  steps,
  selector,
}: {
  steps: number
  selector: string
}): Promise<number[]> {
  const scroller = document.querySelector(selector)
  if (scroller === null) throw new Error(`there is no ${selector}`)
  scroller.scrollTop = 0
  const frames: number[] = []
  return new Promise((resolve) => {
    let before: number | undefined
    let step = 0
    const next = (now: number): void => {
      if (before !== undefined) frames.push(now - before)
      before = now
      if (step++ === steps) {
        resolve(frames)
        return
      }
      scroller.scrollTop += step < steps / 2 ? 200 : -200
      requestAnimationFrame(next)
    }
    requestAnimationFrame(next)
  })
}
