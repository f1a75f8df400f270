// Before the components, whose own rules come after these.
import './styles/index.css'

import { DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { readConfig } from './config.ts'
import { startTracing } from './tracing/index.ts'
import { createViewer } from './viewer/viewer.ts'

const config = readConfig(document)
// Nobody else has to load it.
const testHook = config.flushHook ? await import('./test-hook.ts') : undefined

diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.WARN)
startTracing({
  endpoint: config.otlpEndpoint,
  headers: config.otlpHeaders,
  propagateTo: [config.apiUrl],
  serviceName: config.serviceName,
  serviceVersion: config.serviceVersion,
  resourceAttributes: config.resourceAttributes,
  ledger: testHook?.ledger,
})
testHook?.offerTestHook()

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App viewer={createViewer(config.queryUrl)} />
  </StrictMode>,
)
