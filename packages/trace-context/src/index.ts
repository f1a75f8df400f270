export { W3CTraceContextPropagator } from '@opentelemetry/core'
