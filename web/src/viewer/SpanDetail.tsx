import type { Attributes, Span, SpanEvent } from '@pingtrace/otlp'
import { networkGap } from '@pingtrace/trace-facts'
import type { OddTimes, TraceNode, TraceTree } from '@pingtrace/trace-tree'
import { type KeyboardEvent, type ReactNode, type Ref, useState } from 'react'
import { FindingsOfSpan } from '../findings/FindingsOfSpan.tsx'
import type { FindingsStore } from '../findings/findings-store.ts'
import { AttributeTable, AttributeToolsContext, type FindTraces } from './AttributeTable.tsx'
import { useAttributeMeanings } from './attribute-meanings.ts'
import { CallTimes } from './CallTimes.tsx'
import { CopyButton } from './CopyButton.tsx'
import { durationText, selfTimeText } from './duration-text.ts'
import { ErrorPart, exceptionAttributes, isException } from './ErrorPart.tsx'
import { Facts } from './Facts.tsx'
import { count, formatExactTime, formatOffset, formatTimestamp } from './format.ts'
import { LongText, Name } from './Text.tsx'
import { flagsText, parentPlace } from './trace-flags.ts'
import './SpanDetail.css'

interface SpanDetailProps {
  node: TraceNode
  tree: TraceTree
  /** A parent that is not there has had its time to come. */
  isQuiet: boolean
  find: FindTraces
  findings: FindingsStore
  /** What it links to, and what links to it. */
  links: ReactNode
  onClose(): void
  ref: Ref<HTMLElement>
}

/** Everything a span says. Senders are strangers: each value is text and nothing but text. */
export function SpanDetail(props: SpanDetailProps) {
  const { node, tree, isQuiet, find, findings, links, onClose, ref } = props
  const { span } = node
  const closeOnEscape = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onClose()
  }
  return (
    <section
      ref={ref}
      className="detail"
      aria-labelledby="detail-heading"
      tabIndex={-1}
      onKeyDown={closeOnEscape}
    >
      <header className="card-header">
        <h3 id="detail-heading">
          {span ? (
            <Name text={span.name} />
          ) : isQuiet ? (
            'A parent that is missing'
          ) : (
            'A parent that has not arrived'
          )}
        </h3>
        <button type="button" className="button-small" onClick={onClose}>
          Close
        </button>
      </header>
      {span && <FindingsOfSpan store={findings} span={span} />}
      {span ? (
        <SpanFacts span={span} node={node} start={tree.start} find={find} links={links} />
      ) : (
        <Missing node={node} isQuiet={isQuiet} />
      )}
    </section>
  )
}

function Missing({ node, isQuiet }: { node: TraceNode; isQuiet: boolean }) {
  return (
    <p>
      {count(node.children.length, 'span')} here {node.children.length === 1 ? 'names' : 'name'}{' '}
      <code>{node.spanId}</code> as parent, but no span with that id has arrived.{' '}
      {isQuiet
        ? 'Nothing of this trace has come for 10 seconds, so it was probably lost, dropped, or never ended;'
        : 'It may still be running, or waiting in its sender’s queue;'}{' '}
      when it arrives, it takes this place.
    </p>
  )
}

interface SpanFactsProps {
  span: Span
  node: TraceNode
  start: bigint
  find: FindTraces
  links: ReactNode
}

function SpanFacts({ span, node, start, find, links }: SpanFactsProps) {
  const [filter, setFilter] = useState('')
  const explain = useAttributeMeanings()
  const gap = networkGap(node)
  return (
    <AttributeToolsContext value={{ find, explain, filter: filter.trim().toLowerCase() }}>
      <ErrorPart span={span} />
      {gap && (
        <Part title="Where the time of this call went">
          <CallTimes gap={gap} />
        </Part>
      )}
      <div className="detail-filter">
        <input
          type="search"
          aria-label="Filter attributes"
          placeholder="Filter attributes"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <p className="hint">
          A name opens its meaning, its value to copy, and other traces with it.
        </p>
      </div>
      <div className="detail-parts">
        <Part title="Span">
          <Facts
            facts={[
              ['Service', <LongText key="service" text={span.service} />],
              ['Kind', span.kind],
              [
                'Status',
                <LongText
                  key="status"
                  text={[span.status.code, span.status.message].filter(Boolean).join(': ')}
                />,
              ],
              ['Start', <Moment key="start" nanos={span.start} />],
              ['End', <Moment key="end" nanos={span.end} />],
              ['Offset', span.start === 0n ? 'not known' : formatOffset(span.start - start)],
              ['Duration', durationText(node)],
              ['Self time', selfTimeText(node) || 'not known'],
              ['Span id', <Id key="id" id={span.spanId} what="span id" />],
              ['Parent id', parentText(span)],
              ['Flags', flagsText(span.flags)],
              ['Trace state', <LongText key="state" text={span.traceState || 'none'} />],
            ]}
          />
          {node.oddTimes && <p className="warn-text">{oddTimesText[node.oddTimes]}</p>}
          {node.conflicting && (
            <p className="warn-text">
              Another span came with the same id but different content; both are in the tree.
            </p>
          )}
          {node.cyclic && (
            <p className="warn-text">
              Its parent is itself or descends from it; the loop was cut here.
            </p>
          )}
        </Part>
        <AttributePart title="Attributes" scope="span" attributes={span.attributes} />
        {span.events.length > 0 && (
          <Part title={count(span.events.length, 'event')}>
            {span.events.map((event, index) => (
              <EventFacts key={`${index}`} event={event} start={start} />
            ))}
          </Part>
        )}
        {links}
        <AttributePart title="Resource" scope="resource" attributes={span.resource} />
        <Part title="Scope">
          <Facts
            facts={[
              ['Name', <LongText key="name" text={span.scope.name || 'none'} />],
              ['Version', <LongText key="version" text={span.scope.version || 'none'} />],
            ]}
          />
        </Part>
      </div>
    </AttributeToolsContext>
  )
}

const oddTimesText: Record<OddTimes, string> = {
  missing: 'Its sender left out when it started or ended.',
  reversed: 'It ends before it starts: its clock was set back, or its times were mixed up.',
  outside:
    'Its times lie far from those of all other spans, so the axis leaves them out: the clock of its sender may be wrong.',
}

function parentText({ parentSpanId, flags }: Span): string {
  if (parentSpanId === undefined) return 'none: a root'
  return [parentSpanId, parentPlace(flags)].filter(Boolean).join(', ')
}

/** As people read it here, and exactly as it was sent. */
function Moment({ nanos }: { nanos: bigint }) {
  const exact = formatExactTime(nanos)
  return (
    <>
      {formatTimestamp(nanos)}
      {exact && (
        <time dateTime={exact}>
          {exact.slice(0, 11)}
          {/* Where it does not fit, it breaks here and nowhere within. */}
          <wbr />
          {exact.slice(11)}
        </time>
      )}
    </>
  )
}

function Id({ id, what }: { id: string; what: string }) {
  return (
    <>
      {id} <CopyButton text={id} what={what} />
    </>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="detail-part">
      <h4>{title}</h4>
      {children}
    </section>
  )
}

interface AttributePartProps {
  title: string
  scope: 'span' | 'resource'
  attributes: Attributes
}

function AttributePart({ title, ...table }: AttributePartProps) {
  return (
    <Part title={title}>
      <AttributeTable {...table} />
    </Part>
  )
}

function EventFacts({ event, start }: { event: SpanEvent; start: bigint }) {
  const { name, time } = event
  const entries = Object.entries(event.attributes)
  // Those stand above already.
  const said: readonly string[] = isException(event) ? exceptionAttributes : []
  const attributes = Object.fromEntries(entries.filter(([key]) => !said.includes(key)))
  return (
    <div className="detail-event">
      <p>
        <strong>
          <Name text={name} />
        </strong>{' '}
        {formatOffset(time - start)}
      </p>
      {Object.keys(attributes).length > 0 && (
        <AttributeTable scope="event" attributes={attributes} />
      )}
    </div>
  )
}
