import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { expect, sendTrace, test } from './collector-alone.ts'

const ingestToken = 'a-token-of-senders'
const queryToken = 'a-token-of-readers'

test.use({
  collectorEnv: { PINGTRACE_INGEST_TOKEN: ingestToken, PINGTRACE_QUERY_TOKEN: queryToken },
})

test('the viewer asks for the query token, keeps it in its tab, and shows what it opens', async ({
  page,
  ports,
  context,
}) => {
  const traceId = await sendTrace(
    'shop',
    new OTLPTraceExporter({
      url: `http://localhost:${ports.otlpHttp}/v1/traces`,
      headers: { authorization: `Bearer ${ingestToken}` },
    }),
  )
  await page.goto('/')
  const banner = page.getByRole('banner')
  await expect(banner.getByRole('status')).toHaveText('The collector asks for its query token')
  await expect(page.getByRole('main')).toHaveCount(0)

  const field = page.getByLabel('Query token')
  await field.fill(ingestToken)
  await field.press('Enter')
  await expect(banner.getByRole('alert')).toHaveText('The collector does not take this token.')

  await field.fill(queryToken)
  await page.getByRole('button', { name: 'Read traces' }).click()
  await expect(banner.getByRole('status')).toHaveText('Live: connected to the collector')
  await expect(field).toHaveCount(0)
  await expect(page.locator(`section[data-trace-id="${traceId}"]`)).toBeVisible()
  await page.reload()
  await expect(page.locator(`section[data-trace-id="${traceId}"]`)).toBeVisible()
  expect(page.url()).not.toContain(queryToken)

  const another = await context.newPage()
  await another.goto(`http://localhost:${ports.query}/`)
  await expect(another.getByLabel('Query token')).toBeVisible()
})
