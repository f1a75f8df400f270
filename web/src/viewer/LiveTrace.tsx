import type { TraceTree } from '@pingtrace/trace-tree'
import { type ComponentType, type KeyboardEvent, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { useStore } from 'zustand'
import { Findings, FindingsBadge, useFindingsBySpan } from '../findings/Findings.tsx'
import { Replay } from '../replay/Replay.tsx'
import type { Replayed } from '../replay/ReplayBar.tsx'
import { findHref } from '../source/source.ts'
import type { FindTraces } from './AttributeTable.tsx'
import { ClockSwitch } from './ClockSwitch.tsx'
import { ErrorBar } from './ErrorBar.tsx'
import { count } from './format.ts'
import { OtherView } from './OtherView.tsx'
import { SpanDetail } from './SpanDetail.tsx'
import { SpanLinks } from './SpanLinks.tsx'
import { troubleText } from './stream-words.ts'
import { Text } from './Text.tsx'
import { TraceHeader } from './TraceHeader.tsx'
import { TraceProgress } from './TraceProgress.tsx'
import { TraceTabs } from './TraceTabs.tsx'
import { useTraceClocks } from './trace-clocks.ts'
import { errorsOf, stepToError } from './trace-errors.ts'
import type { TraceState } from './trace-store.ts'
import { titleSpan } from './trace-title.ts'
import { useAnnouncement } from './use-announcement.ts'
import type { Viewer } from './viewer.ts'
import { nameText } from './visible-text.ts'
import { Waterfall, type WaterfallHandle } from './Waterfall.tsx'
import './LiveTrace.css'

interface LiveTraceProps {
  viewer: Viewer
  /** What stands there while there is no trace to show. */
  Empty: ComponentType<TraceState>
  /** Asks a query of the list in this page, where there is one. */
  onFind?: (query: string) => void
}

/** The selected trace, growing as its spans arrive, and the detail of one of its spans. */
export function LiveTrace({ viewer, Empty, onFind }: LiveTraceProps) {
  const trace = useStore(viewer.trace)
  const { spanId, tab, clocks: clockView } = useStore(viewer.selection)
  const { wanted, shown, stream } = trace
  const [replayed, setReplayed] = useState<Replayed>()
  const isReplay = replayed !== undefined && replayed.traceId === shown?.traceId
  const played = isReplay ? replayed.tree : shown?.tree
  const { whole, drawn, clocks } = useTraceClocks(shown?.tree, played, clockView)
  const source = trace.isFromFile ? 'file' : stream.state === 'live' ? 'live' : 'away'
  // While the collector is away, what is not there may have come to it.
  const isQuiet = trace.isQuiet && source !== 'away'
  const bySpan = useFindingsBySpan(viewer.findings, shown?.traceId)
  const detail = useRef<HTMLElement>(null)
  const grid = useRef<WaterfallHandle>(null)
  const announcement = useAnnouncement(shown ? summary(shown.tree) : '')

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
  const stepToNextError = (step: 1 | -1): void => {
    const to = drawn && stepToError(drawn, errorsOf(drawn), node?.id, step)
    if (to !== undefined) showSpan(to.id)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return
    const step = event.key === 'n' ? 1 : event.key === 'p' ? -1 : undefined
    if (step === undefined) return
    event.preventDefault()
    stepToNextError(step)
  }
  const find: FindTraces = {
    source: viewer.source,
    href: (query) => findHref(viewer.queryUrl, query),
    open: onFind,
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
      // One letter is a key only while the focus is in here: it must not be one everywhere.
      onKeyDown={onKeyDown}
    >
      <p className="visually-hidden" aria-live="polite">
        <Text text={announcement} />
      </p>
      {shown === undefined || whole === undefined || drawn === undefined ? (
        <>
          <header className="card-header">
            <h2 id="trace-heading">Live trace</h2>
          </header>
          <Empty {...trace} />
        </>
      ) : (
        <>
          <TraceHeader traceId={shown.traceId} tree={whole} viewer={viewer}>
            <FindingsBadge store={viewer.findings} traceId={shown.traceId} />
          </TraceHeader>
          {waiting ? (
            <p className="trace-progress" data-waiting="true">
              Waiting for spans of trace <code>{wanted}</code>
              {trouble === undefined ? '…' : `: ${trouble}.`} Until then, the one before it:
            </p>
          ) : (
            <TraceProgress tree={whole} isQuiet={isQuiet} source={source}>
              {clocks && (
                <ClockSwitch
                  clocks={clocks}
                  view={clockView}
                  onChange={viewer.selection.showClocks}
                />
              )}
            </TraceProgress>
          )}
          <ErrorBar tree={drawn} onOpen={showSpan} onStep={stepToNextError} />
          <div className={waiting ? 'stale' : undefined}>
            {!trace.isFromFile && viewer.source === 'collector' && (
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
                    isQuiet={isQuiet && !isReplay}
                    selected={node?.id}
                    findings={bySpan}
                    onOpen={openSpan}
                    onClose={() => viewer.selection.openSpan(undefined)}
                  />
                  {node && (
                    <SpanDetail
                      key={node.id}
                      ref={detail}
                      node={node}
                      tree={drawn}
                      isQuiet={isQuiet && !isReplay}
                      find={find}
                      findings={viewer.findings}
                      links={
                        node.span && (
                          <SpanLinks
                            key={node.id}
                            span={node.span}
                            queryUrl={viewer.source === 'collector' ? viewer.queryUrl : undefined}
                            onFollow={viewer.selection.pick}
                          />
                        )
                      }
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

function isTyping(target: EventTarget): boolean {
  return (target as Element).closest('input, textarea, select, [contenteditable]') !== null
}

function summary(tree: TraceTree): string {
  const services = tree.services.map(nameText).join(', ')
  const missing = tree.missingParents > 0 ? `, ${count(tree.missingParents, 'parent')} missing` : ''
  return `${nameText(titleSpan(tree)?.name ?? '')}: ${count(tree.spanCount, 'span')} from ${services}, ${count(
    tree.errorCount,
    'error',
  )}${missing}`
}
