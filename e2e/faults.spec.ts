import type { Locator } from '@playwright/test'
import { expect, test } from './fixtures.ts'
import { PingPage } from './ping-page.ts'
import { call, down, failed, mongo, ping, redis, route } from './spans.ts'

test.use({ stackEnv: { PINGTRACE_FAULTS: '1' } })
// What breaks the API breaks it for every page.
test.describe.configure({ mode: 'default' })

const found: [label: string, rule: string][] = [
  ['Do not inject', 'header-absent'],
  ['Inject after the fetch', 'header-absent'],
  ['Flags 00', 'header-not-sampled'],
  ['A skewed clock', 'clock-skew'],
  ['Lost context', 'context-lost'],
  ['Refuse the header in CORS', 'preflight-refused'],
  ['Collector down for the page', 'parent-missing'],
]

for (const [label, rule] of found) {
  test(`${label}: the doctor finds ${rule}, and the healthy trace stands beside`, async ({
    page,
  }) => {
    const ping = new PingPage(page)
    await ping.open()
    const lesson = await breakPing(ping, label)
    // What is missing may be on its way for ten seconds.
    await expectFound(lesson, rule, 25_000)
    await expect(lesson.getByRole('list').first().getByRole('listitem')).toHaveCount(6)
    await expect(page.getByRole('region', { name: 'Findings' })).toBeVisible()
  })
}

for (const [label, withoutIt] of [
  ['Redis down', failed(call(failed(route('/ping', down(redis), mongo))))],
  ['MongoDB down', failed(call(failed(route('/ping', redis, down(mongo)))))],
] as const) {
  test(`${label}: trace and doctor say where, and the next ping is well`, async ({
    page,
    traces,
  }) => {
    const app = new PingPage(page)
    await app.open()
    const broken = await traces.during('break it', async () => {
      const lesson = await breakPing(app, label)
      await expect(lesson.getByRole('list').nth(1).getByRole('listitem')).toHaveCount(6)
      await expectFound(lesson, 'dependency-unreachable')
    })
    // Before the broken ping the page makes a healthy one, to compare it with.
    expect(broken).toMatchSpans([withoutIt, ping])
    expect(broken).not.toBeHealthy()
    // The report says so of a test that passes, too.
    const { annotations, attachments } = test.info()
    const said = annotations.find(({ type }) => type === 'doctor')
    expect(said?.description).toContain('break it: 1 warning')
    expect(said?.description).toContain('dependency-unreachable')
    expect(attachments.map(({ name }) => name)).toContain('doctor: break it')

    await page.getByLabel('Nothing').check()
    const next = await traces.during('mend it', () => app.ping())
    await expect(app.result).toContainText('Status 200')
    expect(next).toMatchSpans(ping)
  })
}

/** The doctor names the rule, and it stands at a span of the broken trace, and at none of the healthy. */
async function expectFound(lesson: Locator, rule: string, timeout?: number): Promise<void> {
  await expect(lesson.getByRole('status')).toContainText(rule, { ...(timeout && { timeout }) })
  await expect(lesson.getByRole('list').nth(1)).toContainText(rule)
  await expect(lesson.getByRole('list').first().locator('code')).toHaveCount(0)
}

async function breakPing(ping: PingPage, label: string) {
  const { page } = ping
  await page.getByText('Break it on purpose').click()
  await page.getByLabel(label).check()
  await ping.pingButton.click()
  return page.getByRole('region', { name: label })
}
