import { type Browser, expect } from '@playwright/test'

/**
 * A tab as a person has it. Playwright makes every page of its own believe that it is in front and
 * has the focus, so that none is ever hidden; this one is opened behind Playwright's back, by the
 * Chrome DevTools Protocol, in a window of its own.
 */
export interface Tab {
  /** Runs a function in the page; nothing but its text gets there. */
  evaluate<Value>(run: () => Value | Promise<Value>): Promise<Value>
  /** Opens another tab in front of this one; resolves when the page knows that it is hidden. */
  hide(): Promise<void>
  close(): Promise<void>
}

/** @returns undefined where the browser has no tabs that could hide each other: the headless shell */
export async function openTab(browser: Browser, url: string): Promise<Tab | undefined> {
  const cdp = await browser.newBrowserCDPSession()
  // The shell names itself so; the same browser without a window is called Chrome.
  if ((await cdp.send('Browser.getVersion')).product.startsWith('Headless')) return undefined
  const { browserContextId } = await cdp.send('Target.createBrowserContext')
  const { targetId } = await cdp.send('Target.createTarget', { url, browserContextId })
  const { sessionId } = await cdp.send('Target.attachToTarget', { targetId })

  let lastId = 0
  const answers = new Map<number, (answer: EvaluateAnswer) => void>()
  cdp.on('Target.receivedMessageFromTarget', (event) => {
    const { id, result } = JSON.parse(event.message)
    answers.get(id)?.(result)
  })
  const evaluate = async <Value>(run: () => Value | Promise<Value>) => {
    const id = ++lastId
    const params = { expression: `(${run})()`, awaitPromise: true, returnByValue: true }
    const message = JSON.stringify({ id, method: 'Runtime.evaluate', params })
    const answer = new Promise<EvaluateAnswer>((resolve) => answers.set(id, resolve))
    await cdp.send('Target.sendMessageToTarget', { sessionId, message })
    const { result, exceptionDetails } = await answer
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails))
    return result.value as Value
  }
  return {
    evaluate,
    hide: async () => {
      await cdp.send('Target.createTarget', { url: 'about:blank', browserContextId })
      await expect.poll(() => evaluate(() => document.visibilityState)).toBe('hidden')
    },
    close: async () => {
      await cdp.send('Target.disposeBrowserContext', { browserContextId })
      await cdp.detach()
    },
  }
}

interface EvaluateAnswer {
  result: { value?: unknown }
  exceptionDetails?: object
}
