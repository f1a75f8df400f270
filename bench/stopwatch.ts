/** From a click to the moment when its trace had been painted, seen from inside the page. */
export interface Painted {
  traceId: string
  ms: number
}

declare global {
  interface Window {
    stopwatch: {
      /** Resolves when all six spans of the next click have been painted. */
      nextClick(): Promise<Painted>
    }
  }
}

/**
 * Runs in the page, before anything of the page does; it may name nothing outside of itself.
 *
 * The time begins with the `timeStamp` of the trusted click, which is when the browser got the
 * input and not when a listener ran. It ends in the second animation frame after the six rows are
 * in the document: the first one is painted after its callbacks, so the second is the first moment
 * at which the rows are certainly on the screen. That is up to a frame (16.7 ms) late, never early.
 */
export function installStopwatch(): void {
  const limitMs = 15_000
  const shownTrace = () =>
    document.querySelector<HTMLElement>('section[data-trace-id]')?.dataset.traceId
  const rows = 'section[data-trace-id] [role="treeitem"]:not([data-placeholder])'

  const nextClick = () =>
    new Promise<Painted>((resolve, reject) => {
      const before = shownTrace()
      const onClick = (click: MouseEvent) => {
        if (!click.isTrusted) return
        removeEventListener('click', onClick, true)
        const limit = setTimeout(() => {
          observer.disconnect()
          reject(new Error(`no new trace of six spans within ${limitMs} ms of the click`))
        }, limitMs)
        const observer = new MutationObserver(() => {
          const traceId = shownTrace()
          if (traceId === undefined || traceId === before) return
          if (document.querySelectorAll(rows).length !== 6) return
          observer.disconnect()
          clearTimeout(limit)
          requestAnimationFrame(() =>
            requestAnimationFrame(() =>
              resolve({ traceId, ms: performance.now() - click.timeStamp }),
            ),
          )
        })
        observer.observe(document, { subtree: true, childList: true, attributes: true })
      }
      addEventListener('click', onClick, true)
    })
  window.stopwatch = { nextClick }
}
