import { useEffect } from 'react'
import { useStore } from 'zustand'
import { Logo } from './Logo.tsx'
import { ConnectionStatus } from './viewer/ConnectionStatus.tsx'
import { ConnectSdk } from './viewer/ConnectSdk.tsx'
import { followNewest } from './viewer/follow-newest.ts'
import { LiveTrace } from './viewer/LiveTrace.tsx'
import { RecentTraces } from './viewer/RecentTraces.tsx'
import type { Viewer } from './viewer/viewer.ts'

/** The viewer without the pings: the traces of whatever sends to the collector that serves it. */
export function ViewerApp({ viewer }: { viewer: Viewer }) {
  const stream = useStore(viewer.recent, (state) => state.stream)

  useEffect(() => viewer.start(), [viewer])
  useEffect(() => followNewest(viewer), [viewer])

  return (
    <>
      <header className="page-header">
        <h1>
          <Logo />
          pingtrace
        </h1>
        <p>The traces of whatever sends to this collector.</p>
        <ConnectionStatus stream={stream} />
      </header>
      <main className="page page-of-viewer">
        <LiveTrace viewer={viewer} Empty={ConnectSdk} />
        <RecentTraces viewer={viewer} newest="trace" />
      </main>
    </>
  )
}
