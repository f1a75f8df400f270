import { type AttributeValue, readSpans } from '@pingtrace/otlp'
import { decodeTraces } from '../otlp/decode.ts'
import { TracesScan } from '../otlp/scan.ts'
import type { Target } from './target.ts'

export interface DebugSettings {
  protocol: 'debug'
  /** One line a batch, one more a span, or all that there is, as JSON. */
  verbosity: 'basic' | 'normal' | 'detailed'
}

/** Writes what comes to the collector's own log. */
export function debugTarget({ verbosity }: DebugSettings): Target {
  const scan = new TracesScan()
  return {
    name: `debug (${verbosity})`,
    close: () => undefined,
    send: async (body) => {
      scan.scan(body)
      const lines = [`debug: ${scan.spanCount} spans of ${scan.resourceCount} resources`]
      if (verbosity === 'normal') lines.push(...describe(body))
      if (verbosity === 'detailed') lines.push(JSON.stringify(decodeTraces(body), undefined, 2))
      console.log(`collector: ${lines.join('\n')}`)
      return { kind: 'taken', rejectedSpans: 0, warning: '' }
    },
  }
}

function describe(body: Buffer): string[] {
  return readSpans(decodeTraces(body)).map((span) => {
    const attributes = Object.entries(span.attributes).map(
      ([key, value]) => `${key}=${textOf(value)}`,
    )
    return printable([span.service, span.name, span.traceId, span.spanId, ...attributes].join(' '))
  })
}

function textOf(value: AttributeValue): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? String(inner) : inner,
  )
}

/** A sender must not write lines of its own into the log, or move a terminal's cursor. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
