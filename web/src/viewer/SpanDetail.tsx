import type { Attributes, Span, SpanEvent, SpanLink } from '@pingtrace/otlp'
import type { OddTimes, TraceNode, TraceTree } from '@pingtrace/trace-tree'
import type { KeyboardEvent, ReactNode, Ref } from 'react'
import { FindingsOfSpan } from '../findings/FindingsOfSpan.tsx'
import type { FindingsStore } from '../findings/findings-store.ts'
import { CopyButton } from './CopyButton.tsx'
import { durationText, selfTimeText } from './duration-text.ts'
import { AttributeFacts, Facts } from './Facts.tsx'
import { count, formatExactTime, formatOffset, formatTimestamp } from './format.ts'
import { selectionHref } from './selection.ts'
import { flagsText, parentPlace } from './trace-flags.ts'
import './SpanDetail.css'

interface SpanDetailProps {
  node: TraceNode
  tree: TraceTree
  findings: FindingsStore
  onClose(): void
  ref: Ref<HTMLElement>
}

/** Everything a span says. Senders are strangers: each value is text and nothing but text. */
export function SpanDetail({ node, tree, findings, onClose, ref }: SpanDetailProps) {
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
        <h3 id="detail-heading">{span ? span.name || '(no name)' : 'A parent that is missing'}</h3>
        <button type="button" className="button-small" onClick={onClose}>
          Close
        </button>
      </header>
      {span && <FindingsOfSpan store={findings} span={span} />}
      {span ? <SpanFacts span={span} node={node} start={tree.start} /> : <Missing node={node} />}
    </section>
  )
}

function Missing({ node }: { node: TraceNode }) {
  return (
    <p>
      {count(node.children.length, 'span')} here {node.children.length === 1 ? 'names' : 'name'}{' '}
      <code>{node.spanId}</code> as parent, but no span with that id has arrived. It may still be
      running, waiting in its sender's queue, or lost; when it arrives, it takes this place.
    </p>
  )
}

function SpanFacts({ span, node, start }: { span: Span; node: TraceNode; start: bigint }) {
  return (
    <div className="detail-parts">
      <Part title="Span">
        <Facts
          facts={[
            ['Service', span.service],
            ['Kind', span.kind],
            ['Status', [span.status.code, span.status.message].filter(Boolean).join(': ')],
            ['Start', <Moment key="start" nanos={span.start} />],
            ['End', <Moment key="end" nanos={span.end} />],
            ['Offset', span.start === 0n ? 'not known' : formatOffset(span.start - start)],
            ['Duration', durationText(node)],
            ['Self time', selfTimeText(node) || 'not known'],
            ['Span id', <Id key="id" id={span.spanId} what="span id" />],
            ['Parent id', parentText(span)],
            ['Flags', flagsText(span.flags)],
            ['Trace state', span.traceState || 'none'],
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
      <AttributePart title="Attributes" attributes={span.attributes} />
      {span.events.length > 0 && (
        <Part title={count(span.events.length, 'event')}>
          {span.events.map((event, index) => (
            <EventFacts key={`${index}`} event={event} start={start} />
          ))}
        </Part>
      )}
      {span.links.length > 0 && (
        <Part title={count(span.links.length, 'link')}>
          {span.links.map((link, index) => (
            <LinkFacts key={`${index}`} link={link} />
          ))}
        </Part>
      )}
      <AttributePart title="Resource" attributes={span.resource} />
      <Part title="Scope">
        <Facts
          facts={[
            ['Name', span.scope.name || 'none'],
            ['Version', span.scope.version || 'none'],
          ]}
        />
      </Part>
    </div>
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

function AttributePart({ title, attributes }: { title: string; attributes: Attributes }) {
  return (
    <Part title={title}>
      {Object.keys(attributes).length === 0 ? (
        <p className="hint">none</p>
      ) : (
        <AttributeFacts attributes={attributes} />
      )}
    </Part>
  )
}

function EventFacts({ event, start }: { event: SpanEvent; start: bigint }) {
  return (
    <div className="detail-event">
      <p>
        <strong>{event.name || '(no name)'}</strong> {formatOffset(event.time - start)}
      </p>
      <AttributeFacts attributes={event.attributes} />
    </div>
  )
}

function LinkFacts({ link }: { link: SpanLink }) {
  return (
    <div className="detail-event">
      <a href={selectionHref(window.location.href, link)}>
        <code>
          {link.traceId} {link.spanId}
        </code>
      </a>
      <AttributeFacts attributes={link.attributes} />
    </div>
  )
}
