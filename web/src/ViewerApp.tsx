import { useCallback, useEffect } from 'react'
import { useStore } from 'zustand'
import type { Explorer } from './explorer/explorer.ts'
import { QueryBox } from './explorer/QueryBox.tsx'
import { ScatterPlot } from './explorer/ScatterPlot.tsx'
import { TraceList } from './explorer/TraceList.tsx'
import { OpenedFile } from './files/OpenedFile.tsx'
import { OpenFileButton } from './files/OpenFileButton.tsx'
import { Logo } from './Logo.tsx'
import { ConnectionStatus } from './viewer/ConnectionStatus.tsx'
import { ConnectSdk } from './viewer/ConnectSdk.tsx'
import { LiveTrace } from './viewer/LiveTrace.tsx'
import { QueryTokenForm } from './viewer/QueryTokenForm.tsx'
import './explorer/Explorer.css'

/** Where list and trace stand side by side: see Explorer.css. */
const sideBySide = '(min-width: 1200px)'

/** The viewer without the pings: the traces of whatever sends to the collector that serves it. */
export function ViewerApp({ explorer }: { explorer: Explorer }) {
  const { viewer } = explorer
  const stream = useStore(viewer.recent, (state) => state.stream)
  const answered = useStore(viewer.recent, (state) => state.answered)
  const isLocked = stream.state === 'locked'

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
        <p>The traces of whatever sends to this collector.</p>
        <ConnectionStatus stream={stream} />
        {isLocked && <QueryTokenForm />}
        <OpenFileButton files={viewer.files} />
      </header>
      <OpenedFile files={viewer.files} viewer={viewer} />
      {/* What has been shown stays, should the collector come back with a token. */}
      {(answered || !isLocked) && (
        <main className="page page-of-explorer">
          <QueryBox explorer={explorer} />
          <ScatterPlot explorer={explorer} onPick={pick} />
          <TraceList explorer={explorer} onPick={pick} />
          <LiveTrace viewer={viewer} Empty={ConnectSdk} />
        </main>
      )}
    </>
  )
}
