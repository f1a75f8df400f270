import { diag } from '@opentelemetry/api'
import { afterEach, expect, test, vi } from 'vitest'
import { bodyOf, pretendToBeAPage, startServer } from '../page.test-support.ts'
import { startTracing, tracedFetch } from './index.ts'

afterEach(() => diag.disable())

test('a page whose telemetry cannot start works, untraced, and diag says why', async () => {
  pretendToBeAPage()
  const error = vi.fn()
  diag.setLogger({ error, warn: error, info: error, debug: error, verbose: error })
  const api = await startServer((request, response) => {
    response.end(String(request.headers.traceparent))
  })

  startTracing({ endpoint: 'not a URL', serviceName: 'test', propagateTo: [api.url] })
  expect(error).toHaveBeenCalledWith(expect.stringMatching(/without it/), expect.any(TypeError))

  const request = tracedFetch(new URL(api.url), { name: 'op' })
  expect(await bodyOf(request)).toBe('undefined')
  expect(request).toMatchObject({ traceId: '0'.repeat(32), carrier: {} })
  await api.close()
})
