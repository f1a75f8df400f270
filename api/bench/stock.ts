import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { servePings } from './ping-server.ts'

// The same spans by the same instrumentation; the SDK's processor and exporter as they come.
const processor = new BatchSpanProcessor(new OTLPTraceExporter())
const provider = new NodeTracerProvider({ spanProcessors: [processor] })
provider.register({ propagator: new W3CTraceContextPropagator() })
await servePings(() => processor.forceFlush())
