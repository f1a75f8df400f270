import { createServer } from 'vite'
import { root } from '../scripts/paths.ts'
import { portEnvironment } from '../scripts/stack.ts'
import { expect, test } from './fixtures.ts'
import { PingPage } from './ping-page.ts'
import { ping } from './spans.ts'

test('hot reload registers tracing once', async ({ page, stack, traces }) => {
  // Vite in the place of our page server, where the API and the collector expect the page.
  await stack.web.stop()
  const ports = portEnvironment(stack.ports)
  // A build by another test of this process leaves NODE_ENV behind, and React's production code knows
  // no hot reload.
  const variables = { ...ports, NODE_ENV: 'development' }
  Object.assign(process.env, variables)
  const vite = await createServer({ root: `${root}web`, logLevel: 'error' })
  for (const name of Object.keys(variables)) delete process.env[name]
  try {
    await vite.listen()
    const told: string[] = []
    page.on('console', (message) => told.push(message.text()))
    const exports: string[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/v1/traces')) exports.push(request.postData() ?? '')
    })
    const app = new PingPage(page)
    const pingOnce = async () => {
      const trace = await traces.during('click on Ping', () => app.ping())
      expect(trace).toMatchSpans(ping)
      const [traceId = ''] = trace.traceIds
      expect(exports.filter((body) => body.includes(traceId))).toHaveLength(1)
    }
    await app.open()
    await pingOnce()

    // A component changes: its module is evaluated anew, and the page stays.
    await page.evaluate(() => Object.assign(globalThis, { stayed: true }))
    vite.watcher.emit('change', `${root}web/src/ping/PingPanel.tsx`)
    await expect.poll(() => told.join()).toContain('hot updated: /src/ping/PingPanel.tsx')
    await pingOnce()
    expect(await page.evaluate(() => 'stayed' in globalThis)).toBe(true)

    // The tracing itself changes: nothing in the page can take that in, so Vite loads it anew.
    const reloaded = page.waitForEvent('load')
    vite.watcher.emit('change', `${root}web/src/tracing/start-tracing.ts`)
    await reloaded
    await pingOnce()
    expect(await page.evaluate(() => 'stayed' in globalThis)).toBe(false)

    // And if something did: the page's entry, evaluated a second time in the same page.
    await page.evaluate((entry) => import(entry), '/src/main.tsx?again')
    await pingOnce()
    expect(told.join()).not.toMatch(/duplicate registration/)
  } finally {
    await vite.close()
    await stack.web.start()
  }
})
