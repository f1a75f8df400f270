import type { Finding } from '@pingtrace/doctor'
import { count } from '../viewer/format.ts'
import { LongText, Name } from '../viewer/Text.tsx'
import './FindingsList.css'

interface FindingsListProps {
  findings: Finding[]
  /** Of the trace on the page: what is in another one is a link. */
  traceId: string
  onShowSpan?: (id: string) => void
  hrefOf(place: { traceId: string; spanId: string }): string
}

/** What the doctor found, the gravest first: each with its evidence, its likely cause and the mend. */
export function FindingsList({ findings, ...props }: FindingsListProps) {
  return (
    <ul className="findings">
      {findings.map((finding) => (
        <li key={`${finding.rule} ${finding.span.spanId} ${finding.problem}`}>
          <details className={`finding finding-${finding.severity}`}>
            <summary>
              <span className="finding-severity">{finding.severity}</span>
              <span className="finding-problem">
                <LongText text={finding.problem} />
              </span>
              <span className="badge">{finding.certainty}</span>
            </summary>
            <FindingFacts finding={finding} {...props} />
          </details>
        </li>
      ))}
    </ul>
  )
}

function FindingFacts({
  finding,
  traceId,
  onShowSpan,
  hrefOf,
}: Omit<FindingsListProps, 'findings'> & { finding: Finding }) {
  const { span, candidates, evidence, cause, mend, rule, link } = finding
  return (
    <dl className="finding-facts">
      {onShowSpan && (
        <>
          <dt>At</dt>
          <dd>
            <button type="button" className="button-small" onClick={() => onShowSpan(span.spanId)}>
              <Name text={span.name} /> of <Name text={span.service} />
            </button>
          </dd>
        </>
      )}
      {candidates.length > 0 && (
        <>
          <dt>See</dt>
          {candidates.slice(0, 3).map((each) => (
            <dd key={`${each.traceId} ${each.spanId}`}>
              <a href={hrefOf(each)}>
                <Name text={each.name} /> of <Name text={each.service} />
              </a>
              {each.traceId !== traceId && ', in another trace'}
            </dd>
          ))}
          {candidates.length > 3 && <dd>and {count(candidates.length - 3, 'more span')}</dd>}
        </>
      )}
      <dt>Shown by</dt>
      {Object.entries(evidence).map(([key, value]) => (
        <dd key={key}>
          <code>{key}</code>: <LongText text={`${value}`} />
        </dd>
      ))}
      <dt>Likely cause</dt>
      <dd>
        <LongText text={cause} />
      </dd>
      <dt>What to do</dt>
      <dd>
        <LongText text={mend} />
      </dd>
      <dt>Rule</dt>
      <dd>
        <a href={link.startsWith('http') ? link : `/doctor.html#${rule}`}>{rule}</a>
      </dd>
    </dl>
  )
}
