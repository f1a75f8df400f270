import { defineConfig } from '@playwright/test'
import { chromiumArgs } from './scripts/chromium.ts'

// Run through `npm run e2e` or `npm test`: they build what is stale and find a Chromium.
export default defineConfig({
  projects: [
    { name: 'pingtrace', testDir: 'e2e' },
    { name: 'example', testDir: 'examples/shop/tests', testMatch: '*.spec.ts' },
  ],
  outputDir: 'test-results',
  // Generous, as for the other tests: on a busy machine all takes long, and what fails fails anyhow.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  // Each worker runs a whole stack (six processes) of its own.
  workers: 2,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: process.env.CI ? [['list']] : [['list'], ['html', { open: 'never' }]],
  use: {
    browserName: 'chromium',
    launchOptions: {
      args: chromiumArgs,
      ...(process.env.E2E_CHROMIUM ? { executablePath: process.env.E2E_CHROMIUM } : {}),
    },
    screenshot: 'only-on-failure',
    // Video needs ffmpeg, which comes from a download host that a bare machine may not reach.
    video: 'off',
  },
})
