import type { TraceTree } from '@pingtrace/trace-tree'
import { type ComponentType, type ReactNode, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { useStore } from 'zustand'
import { Findings, FindingsBadge } from '../findings/Findings.tsx'
import { Replay } from '../replay/Replay.tsx'
import type { Replayed } from '../replay/ReplayBar.tsx'
import { CopyButton } from './CopyButton.tsx'
import { count, formatDuration } from './format.ts'
import { OtherView } from './OtherView.tsx'
import { SpanDetail } from './SpanDetail.tsx'
import { serviceColour } from './service-colours.ts'
import { troubleText } from './stream-words.ts'
import { TraceActions } from './TraceActions.tsx'
import { TraceTabs } from './TraceTabs.tsx'
import type { TraceState } from './trace-store.ts'
import { titleSpan } from './trace-title.ts'
import { useAnnouncement } from './use-announcement.ts'
import type { Viewer } from './viewer.ts'
import { Waterfall, type WaterfallHandle } from './Waterfall.tsx'
import './LiveTrace.css'

interface LiveTraceProps {
  viewer: Viewer
  /** What stands there while there is no trace to show. */
  Empty: ComponentType<TraceState>
}

/** The selected trace, growing as its spans arrive, and the detail of one of its spans. */
export function LiveTrace({ viewer, Empty }: LiveTraceProps) {
  const trace = useStore(viewer.trace)
  const { spanId, tab } = useStore(viewer.selection)
  const { wanted, shown, stream } = trace
  const detail = useRef<HTMLElement>(null)
  const grid = useRef<WaterfallHandle>(null)
  const announcement = useAnnouncement(shown ? summary(shown.tree) : '')

  const [replayed, setReplayed] = useState<Replayed>()
  const drawn =
    replayed !== undefined && replayed.traceId === shown?.traceId ? replayed.tree : shown?.tree

  const trouble = troubleText(stream)
  const node = spanId === undefined ? undefined : drawn?.nodes.get(spanId)
  const waiting = shown !== undefined && shown.traceId !== wanted

  const openSpan = (id: string, byKey: boolean): void => {
    // The detail must be there before it can be gone to.
    flushSync(() => viewer.selection.openSpan(id))
    if (byKey) detail.current?.focus()
    else detail.current?.scrollIntoView({ block: 'nearest' })
  }
  const showSpan = (id: string): void => {
    flushSync(() => viewer.selection.openTab('waterfall'))
    openSpan(id, true)
  }
  const closeSpan = (): void => {
    viewer.selection.openSpan(undefined)
    grid.current?.focus()
  }

  return (
    <section
      className="card live-trace"
      aria-labelledby="trace-heading"
      data-trace-id={shown?.traceId}
    >
      <p className="visually-hidden" aria-live="polite">
        {announcement}
      </p>
      {shown === undefined || drawn === undefined ? (
        <>
          <header className="card-header">
            <h2 id="trace-heading">Live trace</h2>
          </header>
          <Empty {...trace} />
        </>
      ) : (
        <>
          <TraceHeader traceId={shown.traceId} tree={shown.tree} viewer={viewer}>
            <FindingsBadge store={viewer.findings} traceId={shown.traceId} />
          </TraceHeader>
          <p className="trace-progress" data-waiting={waiting || shown.tree.missingParents > 0}>
            {waiting ? (
              <>
                Waiting for spans of trace <code>{wanted}</code>
                {trouble === undefined ? '…' : `: ${trouble}.`} Until then, the one before it:
              </>
            ) : (
              progress(shown.tree, stream.state === 'live')
            )}
          </p>
          <div className={waiting ? 'stale' : undefined}>
            {!trace.isFromFile && (
              <Replay
                key={shown.traceId}
                traceId={shown.traceId}
                tree={shown.tree}
                viewer={viewer}
                onReplay={setReplayed}
              />
            )}
            <TraceTabs selected={tab} onSelect={viewer.selection.openTab}>
              {tab === 'waterfall' ? (
                <>
                  <Waterfall
                    key={shown.traceId}
                    ref={grid}
                    tree={drawn}
                    selected={node?.id}
                    onOpen={openSpan}
                    onClose={() => viewer.selection.openSpan(undefined)}
                  />
                  {node && (
                    <SpanDetail
                      ref={detail}
                      node={node}
                      tree={drawn}
                      findings={viewer.findings}
                      onClose={closeSpan}
                    />
                  )}
                </>
              ) : (
                <OtherView
                  tab={tab}
                  traceId={shown.traceId}
                  tree={drawn}
                  viewer={viewer}
                  onShowSpan={showSpan}
                />
              )}
            </TraceTabs>
          </div>
          <Findings store={viewer.findings} traceId={shown.traceId} onShowSpan={showSpan} />
        </>
      )}
    </section>
  )
}

interface TraceHeaderProps {
  traceId: string
  tree: TraceTree
  viewer: Viewer
  /** Further badges. */
  children: ReactNode
}

function TraceHeader({ traceId, tree, viewer, children }: TraceHeaderProps) {
  return (
    <header className="trace-header">
      <h2 id="trace-heading">{titleSpan(tree)?.name || '(no name)'}</h2>
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
            {service}
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

function progress({ missingParents }: TraceTree, live: boolean): string {
  if (missingParents > 0) return `Waiting for ${count(missingParents, 'parent')}…`
  return live
    ? 'Every parent has arrived; spans that come later appear by themselves.'
    : 'As far as it had arrived.'
}

function summary(tree: TraceTree): string {
  const services = tree.services.join(', ')
  const missing = tree.missingParents > 0 ? `, ${count(tree.missingParents, 'parent')} missing` : ''
  return `${titleSpan(tree)?.name}: ${count(tree.spanCount, 'span')} from ${services}, ${count(
    tree.errorCount,
    'error',
  )}${missing}`
}
