import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { Explorer } from './explorer/explorer.ts'
import { QueryBox } from './explorer/QueryBox.tsx'
import { TraceList } from './explorer/TraceList.tsx'
import { Logo } from './Logo.tsx'
import { ConnectionStatus } from './viewer/ConnectionStatus.tsx'
import { ConnectSdk } from './viewer/ConnectSdk.tsx'
import { LiveTrace } from './viewer/LiveTrace.tsx'
import './explorer/Explorer.css'

/** The viewer without the pings: the traces of whatever sends to the collector that serves it. */
export function ViewerApp({ explorer }: { explorer: Explorer }) {
  const { viewer } = explorer
  const stream = useStore(viewer.recent, (state) => state.stream)

  useEffect(() => explorer.start(), [explorer])

  return (
    <>
      <header className="page-header page-header-wide">
        <h1>
          <Logo />
          pingtrace
        </h1>
        <p>The traces of whatever sends to this collector.</p>
        <ConnectionStatus stream={stream} />
      </header>
      <main className="page page-of-explorer">
        <QueryBox explorer={explorer} />
        <TraceList explorer={explorer} />
        <LiveTrace viewer={viewer} Empty={ConnectSdk} />
      </main>
    </>
  )
}
