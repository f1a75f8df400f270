import type { Page } from '@playwright/test'
import { expect, test } from './collector-alone.ts'

/** Turned round, with a thing of no width, from right to left, like markup, and far too long. */
const hostile = (what: string, more = 400) => `${what}\u202e\u200b\u05d0<b>${'x'.repeat(more)}`
const id = (n: number, digits: number) => n.toString(16).padStart(digits, '0')
const traceId = id(0xb, 32)
const began = BigInt(Date.now()) * 1_000_000n - 2_000_000_000n

const text = (key: string) => ({ key: hostile(key), value: { stringValue: hostile('value') } })
const service = (name: string) => ({
  attributes: [{ key: 'service.name', value: { stringValue: hostile(name) } }, text('resource')],
})

function span(trace: string, n: number, parent: number | undefined, more: object) {
  const at = (ms: number) => `${began + BigInt(ms) * 1_000_000n}`
  return {
    traceId: trace,
    spanId: id(n, 16),
    ...(parent !== undefined && { parentSpanId: id(parent, 16) }),
    startTimeUnixNano: at(n * 10),
    // The other trace is quicker, so that there is something to compare.
    endTimeUnixNano: at(trace === traceId ? 900 - n * 50 : 300 - n * 20),
    ...more,
  }
}

/** Two services, a database, an error, an event, a link: a hostile text wherever a sender has a say. */
function hostileTrace(trace: string) {
  const call = { kind: 3, name: hostile('call'), attributes: [text('attribute')] }
  const served = {
    kind: 2,
    name: hostile('serve'),
    traceState: hostile('a=b'),
    status: { code: 2, message: hostile('status') },
    links: [{ traceId: id(0xc, 32), spanId: id(1, 16), attributes: [text('link')] }],
    events: [
      { name: hostile('event'), timeUnixNano: `${began}`, attributes: [text('event')] },
      {
        name: 'exception',
        timeUnixNano: `${began}`,
        attributes: [
          { key: 'exception.type', value: { stringValue: hostile('type') } },
          { key: 'exception.message', value: { stringValue: hostile('message') } },
          { key: 'exception.stacktrace', value: { stringValue: hostile('at x') } },
        ],
      },
    ],
  }
  const database = { key: 'db.system.name', value: { stringValue: hostile('db', 80) } }
  const scope = { name: hostile('scope'), version: hostile('version') }
  const asked = { kind: 3, name: hostile('ask'), attributes: [database] }
  const lost = { kind: 3, name: hostile('lost') }
  return {
    resourceSpans: [
      {
        resource: service('web'),
        scopeSpans: [{ scope, spans: [span(trace, 1, undefined, call), span(trace, 4, 9, lost)] }],
      },
      {
        resource: service('shop'),
        scopeSpans: [{ scope, spans: [span(trace, 2, 1, served), span(trace, 3, 2, asked)] }],
      },
    ],
  }
}

/** Texts of senders that are not shown as such, and what stands out of the page. */
function faults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const [said, parent] = [node.nodeValue ?? '', node.parentElement!]
      const where = `${parent.tagName}.${parent.className}: ${said.slice(0, 40)}`
      if (/[\u202e\u200b]/.test(said)) found.push(`unseen in ${where}`)
      if (said.includes('\u05d0') && parent.closest('bdi') === null) found.push(`turns ${where}`)
      if (said.length > 1_200) found.push(`long: ${where}`)
    }
    for (const element of document.body.querySelectorAll('*')) {
      for (const name of ['title', 'aria-label', 'aria-valuetext', 'placeholder', 'alt']) {
        const said = element.getAttribute(name) ?? ''
        const where = `${name} of ${element.tagName}.${element.className}: ${said.slice(0, 40)}`
        if (/[\u202e\u200b]/.test(said)) found.push(`unseen in ${where}`)
        if (/^[^\u2068]*\u05d0/.test(said)) found.push(`turns ${where}`)
        if (said.length > 1_200) found.push(`long: ${where}`)
      }
    }
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth > clientWidth) {
      const isClipped = (element: Element): boolean => {
        for (
          let up = element.parentElement;
          up !== null && up !== document.body;
          up = up.parentElement
        ) {
          if (getComputedStyle(up).overflowX !== 'visible') return true
        }
        return false
      }
      const widest = [...document.body.querySelectorAll('*')].find(
        (each) => each.getBoundingClientRect().right > clientWidth && !isClipped(each),
      )
      found.push(`${widest?.tagName}.${widest?.className} is wider than the page`)
    }
    return found
  })
}

/** Opens whatever can be opened, so that all of it is looked at. */
async function openAll(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true
    for (const name of document.querySelectorAll<HTMLElement>('.attribute-name')) name.click()
  })
}

test('no text of a sender breaks a view: what it hides is named, and it stays in its place', async ({
  page,
  ports,
  complaints,
}) => {
  // Every view of the viewer, each in two widths.
  test.slow()
  for (const trace of [id(0xa, 32), traceId]) {
    const response = await fetch(`http://localhost:${ports.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(hostileTrace(trace)),
    })
    expect(response.status).toBe(200)
  }
  const open = `trace=${traceId}`
  const views: [address: string, shown: string][] = [
    ['/', '.traces tbody tr'],
    [`/?${open}&span=${id(2, 16)}`, '.detail .exception'],
    [`/?${open}&span=${id(1, 16)}`, '.trace-findings li'],
    [`/?${open}&tab=flame`, '.flame-bar'],
    [`/?${open}&tab=statistics`, '.statistics tbody tr'],
    [`/?${open}&tab=graph`, '.graph-node'],
    [`/?${open}&tab=compare`, '.compare-table tbody tr'],
    ['/?view=operations', '.operations-table tbody tr'],
    ['/?view=map', '.map-node[data-kind=database]'],
    ['/?view=requests', '.requests-table tbody tr'],
    [`/?q=${encodeURIComponent(`{ ${hostile('q')} }`)}`, '.query-problem'],
  ]
  for (const [address, shown] of views) {
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(address)
    await expect(page.locator(shown).first(), address).toBeVisible()
    await openAll(page)
    expect.soft(await faults(page), address).toEqual([])
    await page.setViewportSize({ width: 1280, height: 900 })
    expect.soft(await faults(page), address).toEqual([])
  }
  expect(complaints).toEqual([])
})
