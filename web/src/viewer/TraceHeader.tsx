import type { TraceTree } from '@pingtrace/trace-tree'
import type { ReactNode } from 'react'
import { CopyButton } from './CopyButton.tsx'
import { count, formatDuration } from './format.ts'
import { serviceColour } from './service-colours.ts'
import { Name } from './Text.tsx'
import { TraceActions } from './TraceActions.tsx'
import { titleSpan } from './trace-title.ts'
import type { Viewer } from './viewer.ts'

interface TraceHeaderProps {
  traceId: string
  tree: TraceTree
  viewer: Viewer
  /** Further badges. */
  children: ReactNode
}

/** What a trace is, in a few words, and what can be done with it. */
export function TraceHeader({ traceId, tree, viewer, children }: TraceHeaderProps) {
  return (
    <header className="trace-header">
      <h2 id="trace-heading">
        <Name text={titleSpan(tree)?.name ?? ''} />
      </h2>
      <p className="trace-facts">
        <strong>{formatDuration(tree.end - tree.start)}</strong>
        <span>{count(tree.spanCount, 'span')}</span>
        <span className={tree.errorCount > 0 ? 'error-text' : undefined}>
          {count(tree.errorCount, 'error')}
        </span>
        {oddities(tree).map((text) => (
          <span key={text} className="badge badge-warn">
            {text}
          </span>
        ))}
        {children}
      </p>
      <ul className="trace-services" aria-label="Services">
        {tree.services.map((service) => (
          <li key={service} className="service">
            <span className="swatch" style={{ '--service': serviceColour(service) }} />
            <Name text={service} />
          </li>
        ))}
      </ul>
      <p className="trace-id">
        <span className="label">Trace</span> <code>{traceId}</code>
        <CopyButton text={traceId} what="trace id" />
        <TraceActions traceId={traceId} viewer={viewer} />
      </p>
    </header>
  )
}

/** What no healthy trace has. */
function oddities({ conflicts, cycles, oddTimes, roots }: TraceTree): string[] {
  return [
    conflicts > 0 ? `${count(conflicts, 'id')} with conflicting spans` : '',
    cycles > 0 ? `${count(cycles, 'loop')} of parents` : '',
    oddTimes > 0 ? `${count(oddTimes, 'span')} with odd times` : '',
    roots.length > 1 ? count(roots.length, 'root') : '',
  ].filter((text) => text !== '')
}
