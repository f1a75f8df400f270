import type { Finding } from '@pingtrace/doctor'
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { count } from '../viewer/format.ts'
import { selectionHref } from '../viewer/selection.ts'
import { FindingsList } from './FindingsList.tsx'
import { findingsBySpan } from './findings-by-span.ts'
import type { FindingsStore } from './findings-store.ts'

interface FindingsProps {
  store: FindingsStore
  traceId: string
  onShowSpan(id: string): void
}

export const hrefOfSpan = (place: { traceId: string; spanId: string }): string =>
  selectionHref(window.location.href, place)

const sectionId = 'findings'

/** Beside the trace's other facts, since what is found stands below a trace that may be long. */
export function FindingsBadge({ store, traceId }: Omit<FindingsProps, 'onShowSpan'>) {
  const findings = useFindings(store, traceId)
  if (findings.length === 0) return null
  const [gravest] = findings
  const look = { error: 'badge-error', warning: 'badge-warn', info: '' }[gravest!.severity]
  const show = (): void => {
    const section = document.getElementById(sectionId)
    section?.scrollIntoView({ block: 'nearest' })
    section?.querySelector('summary')?.focus()
  }
  return (
    <button type="button" className={`badge badge-button ${look}`} onClick={show}>
      {count(findings.length, 'finding')}
    </button>
  )
}

/** What is wrong with the trace; below it, so that nothing is moved when the doctor answers. */
export function Findings({ store, traceId, onShowSpan }: FindingsProps) {
  const findings = useFindings(store, traceId)
  return (
    <section
      id={sectionId}
      className="trace-findings"
      aria-label="Findings"
      hidden={findings.length === 0}
    >
      <h3>The doctor found {count(findings.length, 'thing')}</h3>
      <FindingsList
        findings={findings}
        traceId={traceId}
        onShowSpan={onShowSpan}
        hrefOf={hrefOfSpan}
      />
    </section>
  )
}

/** The findings at each span of the trace, for whoever marks them. */
export function useFindingsBySpan(
  store: FindingsStore,
  traceId: string | undefined,
): ReadonlyMap<string, Finding[]> {
  const findings = useFindings(store, traceId)
  return useMemo(() => findingsBySpan(findings, traceId ?? ''), [findings, traceId])
}

function useFindings(store: FindingsStore, traceId: string | undefined): Finding[] {
  const state = useStore(store)
  return state.traceId === traceId ? state.findings : nothing
}

const nothing: Finding[] = []
