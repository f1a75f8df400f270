import type { Span } from '@pingtrace/otlp'
import { type MouseEvent, useState } from 'react'
import { AttributeTable } from './AttributeTable.tsx'
import { count } from './format.ts'
import { findLinksTo, type LinkingSpan } from './links-to.ts'
import { selectionHref } from './selection.ts'
import { Name } from './Text.tsx'

interface SpanLinksProps {
  span: Span
  /** The collector's query endpoint; undefined where links cannot be searched for. */
  queryUrl: string | undefined
  /** Shows another span, maybe of another trace. */
  onFollow(traceId: string, spanId: string): void
}

/**
 * A span's links, and the other way round: those stand in the linking spans, anywhere in the store, so
 * they are searched for when somebody asks.
 */
export function SpanLinks({ span, queryUrl, onFollow }: SpanLinksProps) {
  const [found, setFound] = useState<LinkingSpan[] | 'searching' | 'failed'>()
  const search = (at: string): void => {
    setFound('searching')
    findLinksTo(at, span, AbortSignal.timeout(60_000)).then(setFound, () => setFound('failed'))
  }
  return (
    <section className="detail-part">
      <h4>{count(span.links.length, 'link')}</h4>
      {span.links.map((link, index) => (
        <div key={`${index}`} className="detail-event">
          <SpanAnchor to={link} onFollow={onFollow}>
            {link.traceId} {link.spanId}
          </SpanAnchor>
          {Object.keys(link.attributes).length > 0 && (
            <AttributeTable scope="link" attributes={link.attributes} />
          )}
        </div>
      ))}
      {queryUrl !== undefined && (
        <button type="button" className="button-small" onClick={() => search(queryUrl)}>
          Find spans that link here
        </button>
      )}
      <div aria-live="polite">
        {found === 'searching' && <p className="hint">Searching…</p>}
        {found === 'failed' && <p className="warn-text">The collector did not answer.</p>}
        {Array.isArray(found) && found.length === 0 && (
          <p className="hint">No stored span links to this one.</p>
        )}
      </div>
      {Array.isArray(found) &&
        found.map((linking) => (
          <div key={`${linking.traceId} ${linking.spanId}`} className="detail-event">
            From <Name text={linking.traceName} /> of <Name text={linking.service} />:{' '}
            <SpanAnchor to={linking} onFollow={onFollow}>
              {linking.traceId} {linking.spanId}
            </SpanAnchor>
          </div>
        ))}
    </section>
  )
}

interface SpanAnchorProps extends Pick<SpanLinksProps, 'onFollow'> {
  to: { traceId: string; spanId: string }
  children: (string | string[])[]
}

/** An address like any other for a new tab; here it needs no new page. */
function SpanAnchor({ to, onFollow, children }: SpanAnchorProps) {
  const follow = (event: MouseEvent): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    onFollow(to.traceId, to.spanId)
  }
  return (
    <a href={selectionHref(window.location.href, to)} onClick={follow}>
      <code>{children}</code>
    </a>
  )
}
