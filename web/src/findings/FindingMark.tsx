import type { Finding } from '@pingtrace/doctor'
import { signOf } from './findings-by-span.ts'
import './FindingMark.css'

/** Marks a span at which the doctor found something. What it says is read with the row's label. */
export function FindingMark({ findings }: { findings: readonly Finding[] | undefined }) {
  const mark = signOf(findings)
  if (mark === undefined) return null
  return (
    <span className={`finding-mark finding-mark-${mark.severity}`} title={mark.words}>
      <span aria-hidden="true">{mark.sign}</span>
      <span className="visually-hidden">{mark.words}</span>
    </span>
  )
}
