import type { TraceFixtures, TraceWorkerFixtures } from '@pingtrace/trace-oracle/playwright'
import { defineConfig } from '@playwright/test'

const {
  PORT = '3000',
  PINGTRACE_QUERY_PORT = '16686',
  PINGTRACE_OTLP_HTTP_PORT = '4318',
} = process.env
const shop = `http://localhost:${PORT}`
const collector = `http://localhost:${PINGTRACE_QUERY_PORT}`

export default defineConfig<TraceFixtures, TraceWorkerFixtures>({
  testDir: 'served',
  fullyParallel: true,
  use: { baseURL: shop, collectorUrl: collector, traceServices: { instrumented: [shop] } },
  webServer: [
    { command: 'npx pingtrace-collector', url: collector, reuseExistingServer: true },
    {
      command: 'npm start',
      url: shop,
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://localhost:${PINGTRACE_OTLP_HTTP_PORT}` },
    },
  ],
})
