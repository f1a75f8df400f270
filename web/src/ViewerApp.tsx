import { lazy, Suspense, useCallback, useEffect } from 'react'
import { useStore } from 'zustand'
import type { Explorer } from './explorer/explorer.ts'
import { KeySheet } from './explorer/KeySheet.tsx'
import { QueryBox } from './explorer/QueryBox.tsx'
import { ScatterPlot } from './explorer/ScatterPlot.tsx'
import { TraceList } from './explorer/TraceList.tsx'
import { ViewTabs } from './explorer/ViewTabs.tsx'
import { viewsOf } from './explorer/views.ts'
import { OpenedFile } from './files/OpenedFile.tsx'
import { OpenFileButton } from './files/OpenFileButton.tsx'
import { Logo } from './Logo.tsx'
import { JaegerNote, NothingOfJaeger, NotOfJaeger } from './source/JaegerNote.tsx'
import { SourceSwitch } from './source/SourceSwitch.tsx'
import type { Source } from './source/source.ts'
import { useJaegerAddress } from './source/use-jaeger-address.ts'
import { ConnectionStatus } from './viewer/ConnectionStatus.tsx'
import { ConnectSdk } from './viewer/ConnectSdk.tsx'
import { LiveTrace } from './viewer/LiveTrace.tsx'
import { QueryTokenForm } from './viewer/QueryTokenForm.tsx'
import { TimeZoneSwitch } from './viewer/TimeZoneSwitch.tsx'
import { useTimeZone } from './viewer/time-zone.ts'
import './explorer/Explorer.css'
import './explorer/Overview.css'

// Each comes when it is first looked at: most visits are to the list.
const Operations = lazy(() =>
  import('./operations/Operations.tsx').then((module) => ({ default: module.Operations })),
)
const ServiceMap = lazy(() =>
  import('./service-map/ServiceMap.tsx').then((module) => ({ default: module.ServiceMap })),
)
const Requests = lazy(() =>
  import('./requests/Requests.tsx').then((module) => ({ default: module.Requests })),
)

/** Where list and trace stand side by side: see Explorer.css. */
const sideBySide = '(min-width: 1200px)'

/** The viewer without the pings: the traces of whatever sends to the collector that serves it. */
export function ViewerApp({ explorer, source }: { explorer: Explorer; source: Source }) {
  const { viewer, asked } = explorer
  const stream = useStore(viewer.recent, (state) => state.stream)
  const answered = useStore(viewer.recent, (state) => state.answered)
  const isLocked = stream.state === 'locked'
  const view = useStore(asked, (state) => state.view)
  const isAsked = viewsOf(source).some(({ id }) => id === view)
  const { utc } = useTimeZone()
  const jaeger = useJaegerAddress(stream.state)
  useEffect(() => explorer.start(), [explorer])
  const pick = useCallback(
    (traceId: string): void => {
      viewer.selection.pick(traceId)
      // Where the trace is below the list, it would come unseen.
      if (window.matchMedia(sideBySide).matches) return
      document.querySelector('.live-trace')?.scrollIntoView({ block: 'start' })
    },
    [viewer],
  )
  return (
    <>
      <header className="page-header page-header-wide">
        <h1>
          <Logo />
          pingtrace
        </h1>
        <ViewTabs explorer={explorer} />
        {(jaeger !== undefined || source === 'jaeger') && <SourceSwitch source={source} />}
        <ConnectionStatus stream={stream} source={source} />
        {isLocked && <QueryTokenForm />}
        <div className="page-tools">
          <OpenFileButton files={viewer.files} />
          <TimeZoneSwitch />
          <KeySheet explorer={explorer} />
        </div>
      </header>
      {source === 'jaeger' && <JaegerNote address={jaeger} />}
      <OpenedFile files={viewer.files} viewer={viewer} />
      {/* What has been shown stays, should the collector come back with a token. */}
      {(answered || !isLocked) && (
        <main
          // All times are written anew when the zone is another one.
          key={utc ? 'utc' : 'local'}
          className={view === 'list' ? 'page page-of-explorer' : 'page page-of-overview'}
        >
          {isAsked && view !== 'requests' && <QueryBox explorer={explorer} />}
          {!isAsked ? (
            <NotOfJaeger view={view} />
          ) : view === 'list' ? (
            <>
              <ScatterPlot explorer={explorer} onPick={pick} />
              <TraceList explorer={explorer} onPick={pick} />
              <LiveTrace
                viewer={viewer}
                Empty={source === 'jaeger' ? NothingOfJaeger : ConnectSdk}
                onFind={explorer.asked.ask}
              />
            </>
          ) : (
            <Suspense fallback={<section className="card overview overview-loading" />}>
              {view === 'operations' && <Operations explorer={explorer} />}
              {view === 'map' && <ServiceMap explorer={explorer} />}
              {view === 'requests' && <Requests queryUrl={viewer.queryUrl} />}
            </Suspense>
          )}
        </main>
      )}
    </>
  )
}
