import type { Finding } from '@pingtrace/doctor'
import type { Span } from '@pingtrace/otlp'
import type { TimeRange, TraceNode, TraceRow } from '@pingtrace/trace-tree'
import { memo, type Ref, useState } from 'react'
import { FindingMark } from '../findings/FindingMark.tsx'
import { signOf } from '../findings/findings-by-span.ts'
import type { Axis } from './axis.ts'
import { durationText, selfTimeText } from './duration-text.ts'
import { count } from './format.ts'
import { RowTrack } from './RowTrack.tsx'
import { serviceColour } from './service-colours.ts'
import { spanError } from './span-error.ts'
import { Name } from './Text.tsx'
import { plainName } from './visible-text.ts'

interface WaterfallRowProps {
  row: TraceRow
  axis: Axis
  isQuiet: boolean
  selected: boolean
  inTabOrder: boolean
  /** Its place among all rows that are not hidden, and in pixels from the first one's top. */
  index: number
  /** Undefined on paper, where rows stand in normal flow. */
  top: number | undefined
  /** Its span came with the latest change of the trace. */
  arrives: boolean
  /** What of its time is on the critical path, where that is to be seen. */
  critical: readonly TimeRange[] | undefined
  /** What the doctor found at its span. */
  findings: readonly Finding[] | undefined
  ref: Ref<HTMLDivElement>
}

/**
 * The style sheet bounds the indent, or the names of deep rows would have no room; from about there on
 * rows say their level.
 */
const levelSaidFrom = 8

export const WaterfallRow = memo(function WaterfallRow(props: WaterfallRowProps) {
  const { row, axis, isQuiet, selected, inTabOrder, index, top, arrives, critical, findings, ref } =
    props
  const { node, expanded } = row
  const error = node.span && spanError(node.span)
  // What is scrolled into sight has not arrived just then.
  const [lit] = useState(arrives)
  return (
    <div
      ref={ref}
      className="row"
      role="treeitem"
      aria-label={rowLabel(node, isQuiet, error, critical !== undefined, findings)}
      aria-level={node.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={expanded}
      aria-selected={selected}
      tabIndex={inTabOrder ? 0 : -1}
      data-span-id={node.id}
      data-index={index}
      data-first={index === 0 || undefined}
      data-lit={lit || undefined}
      data-error={error !== undefined || undefined}
      data-placeholder={node.span === undefined || undefined}
      style={{
        transform: top === undefined ? undefined : `translateY(${top}px)`,
        '--depth': node.depth,
      }}
    >
      <span className="row-name">
        {node.depth + 1 >= levelSaidFrom && <span className="row-level">{node.depth + 1}</span>}
        <span className="row-toggle" aria-hidden="true">
          {expanded === undefined ? '' : expanded ? '▾' : '▸'}
        </span>
        {node.span && (
          <span className="swatch" style={{ '--service': serviceColour(node.span.service) }} />
        )}
        <span className="row-text">
          {node.span ? (
            <SpanName span={node.span} />
          ) : (
            <span className="row-title">
              parent <code>{node.spanId}</code> {ghostText(isQuiet)}
            </span>
          )}
          <FindingMark findings={findings} />
          {error !== undefined && <span className="badge badge-error">error</span>}
          {node.conflicting && <span className="badge badge-warn">conflicting</span>}
          {node.oddTimes && <span className="badge badge-warn">odd times</span>}
          {node.cyclic && <span className="badge badge-warn">parent loop</span>}
          {expanded === false && (
            <span className={node.errorsBelow > 0 ? 'badge badge-error' : 'badge'}>
              +{node.descendants}
              {node.errorsBelow > 0 && `, ${count(node.errorsBelow, 'error')}`}
            </span>
          )}
        </span>
      </span>
      <span className="row-duration">{durationText(node)}</span>
      <span className="row-self">{selfTimeText(node)}</span>
      <RowTrack node={node} axis={axis} critical={critical} />
      {error && (
        <span className="row-error">
          <Name text={error} />
        </span>
      )}
    </div>
  )
})

/**
 * The row in one sentence; without it the columns would be read as one long word. In the order in
 * which it is seen, so that who speaks what they see is understood (WCAG 2.2, "Label in Name").
 */
function rowLabel(
  node: TraceNode,
  isQuiet: boolean,
  error: string | undefined,
  critical: boolean,
  findings: readonly Finding[] | undefined,
): string {
  const { span, spanId, oddTimes, conflicting, cyclic } = node
  if (span === undefined) return `parent ${spanId} ${ghostText(isQuiet)}`
  const parts = [
    plainName(span.name),
    plainName(span.service),
    findingWords(findings),
    error === undefined ? '' : 'error',
    conflicting ? 'conflicting' : '',
    oddTimes ? 'odd times' : '',
    cyclic ? 'parent loop' : '',
    durationText(node),
    critical ? 'on the critical path' : '',
    error ? plainName(error) : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function findingWords(findings: readonly Finding[] | undefined): string {
  const mark = signOf(findings)
  return mark === undefined ? '' : `the doctor found ${mark.words}`
}

function SpanName({ span }: { span: Span }) {
  return (
    <>
      <span className="row-title" title={plainName(span.name)}>
        <Name text={span.name} />
      </span>
      <span className="row-service">
        <Name text={span.service} />
      </span>
    </>
  )
}

/** It is called missing only when it has had the time to come. */
function ghostText(isQuiet: boolean): string {
  return isQuiet ? 'is missing' : 'has not arrived'
}
