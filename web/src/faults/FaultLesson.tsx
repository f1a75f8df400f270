import type { Finding } from '@pingtrace/doctor'
import { useStore } from 'zustand'
import { useFindingsBySpan } from '../findings/Findings.tsx'
import type { Call } from '../ping/call.ts'
import { pingStore } from '../ping/ping-store.ts'
import { LongText } from '../viewer/Text.tsx'
import type { Viewer } from '../viewer/viewer.ts'
import { type FaultId, faults } from './faults.ts'
import { TraceOutline } from './TraceOutline.tsx'
import './faults.css'

/** After a ping that was broken: what was done, its trace beside a healthy one, and the doctor's word. */
export function FaultLesson({ viewer }: { viewer: Viewer }) {
  const current = useStore(pingStore, (state) => state.current)
  const healthy = useStore(pingStore, (state) => state.healthy)
  const found = useFindingsBySpan(viewer.findings, current?.traceId)
  if (current?.fault === undefined) return null
  return (
    <section className="fault-lesson" aria-labelledby="fault-lesson-title">
      <h2 id="fault-lesson-title">{faults[current.fault].label}</h2>
      <p>{faults[current.fault].story}</p>
      <div className="fault-traces">
        <TraceBeside title="Healthy" call={healthy} queryUrl={viewer.queryUrl} />
        <TraceBeside title="Broken" call={current} queryUrl={viewer.queryUrl} findings={found} />
      </div>
      <DoctorsWord fault={current.fault} call={current} viewer={viewer} />
    </section>
  )
}

interface TraceBesideProps {
  title: string
  call: Call | undefined
  queryUrl: string
  findings?: ReadonlyMap<string, readonly Finding[]>
}

function TraceBeside({ title, call, ...outline }: TraceBesideProps) {
  return (
    <div>
      <h3>{title}</h3>
      {call ? (
        <TraceOutline key={call.traceId} traceId={call.traceId} {...outline} />
      ) : (
        <p className="hint">There was none: the API does not answer.</p>
      )}
    </div>
  )
}

function DoctorsWord({ fault, call, viewer }: { fault: FaultId; call: Call; viewer: Viewer }) {
  const state = useStore(viewer.findings)
  const { finding: rule } = faults[fault]
  const found = state.traceId === call.traceId ? state.findings : []
  const finding = found.find((each) => each.rule === rule)
  return (
    <p role="status">
      <strong>The doctor:</strong> {finding ? <Found finding={finding} /> : waiting}
    </p>
  )
}

const waiting =
  'has not found it yet. What is missing may still be on its way; that is certain after ten seconds.'

function Found({ finding }: { finding: Finding }) {
  return (
    <>
      <LongText text={`${finding.problem} ${finding.mend}`} /> <code>{finding.rule}</code>
    </>
  )
}
