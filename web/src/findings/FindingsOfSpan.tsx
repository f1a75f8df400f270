import type { Span } from '@pingtrace/otlp'
import { useStore } from 'zustand'
import { hrefOfSpan } from './Findings.tsx'
import { FindingsList } from './FindingsList.tsx'
import type { FindingsStore } from './findings-store.ts'

/** What the doctor found at one span, or in which it has a part. */
export function FindingsOfSpan({ store, span }: { store: FindingsStore; span: Span }) {
  const state = useStore(store)
  const isThis = (each: { traceId: string; spanId: string }): boolean =>
    each.traceId === span.traceId && each.spanId === span.spanId
  const findings = state.findings.filter(
    (finding) => isThis(finding.span) || finding.candidates.some(isThis),
  )
  if (findings.length === 0) return null
  return (
    <section className="findings-of-span">
      <h4>What the doctor says</h4>
      <FindingsList findings={findings} traceId={span.traceId} hrefOf={hrefOfSpan} />
    </section>
  )
}
