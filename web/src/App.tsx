import { useEffect } from 'react'
import { useStore } from 'zustand'
import { FaultLesson } from './faults/FaultLesson.tsx'
import { FaultPicker } from './faults/FaultPicker.tsx'
import { Logo } from './Logo.tsx'
import { BehindApi } from './ping/BehindApi.tsx'
import { CallLog } from './ping/CallLog.tsx'
import { CarrierView } from './ping/CarrierView.tsx'
import { PingPanel } from './ping/PingPanel.tsx'
import { pingStore } from './ping/ping-store.ts'
import { isTraced } from './ping/words.ts'
import { ConnectionStatus } from './viewer/ConnectionStatus.tsx'
import { EmptyTrace } from './viewer/EmptyTrace.tsx'
import { LiveTrace } from './viewer/LiveTrace.tsx'
import { QueryTokenForm } from './viewer/QueryTokenForm.tsx'
import { RecentTraces } from './viewer/RecentTraces.tsx'
import type { Viewer } from './viewer/viewer.ts'

/** The frame: the pings above, the trace they make below, and the traces before it beside. */
export function App({ viewer }: { viewer: Viewer }) {
  // The list's stream is always open, so its state is the collector's.
  const stream = useStore(viewer.recent, (state) => state.stream)

  useEffect(() => viewer.start(), [viewer])
  useEffect(() => showPings(viewer), [viewer])

  return (
    <>
      <header className="page-header">
        <h1>
          <Logo />
          pingtrace
        </h1>
        <p>One click, one trace: from this page through the API to Redis and MongoDB.</p>
        <ConnectionStatus stream={stream} />
        <BehindApi />
        {stream.state === 'locked' && <QueryTokenForm />}
      </header>
      <main className="page">
        <div className="card ping-area">
          <PingPanel />
          <FaultPicker />
          <FaultLesson viewer={viewer} />
          <CarrierView />
          <CallLog onShowTrace={viewer.selection.pick} />
        </div>
        <LiveTrace viewer={viewer} Empty={EmptyTrace} />
        <RecentTraces viewer={viewer} />
      </main>
    </>
  )
}

/** Tells the viewer of each new call that is traced. */
function showPings({ selection }: Viewer): () => void {
  return pingStore.subscribe(({ current }, before) => {
    if (current === undefined || current.id === before.current?.id || !isTraced(current)) return
    selection.pinged(current.traceId, !current.auto)
  })
}
