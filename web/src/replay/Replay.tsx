import { lazy, Suspense, useState } from 'react'
import type { ReplayBarProps } from './ReplayBar.tsx'
import './Replay.css'

/** Loaded when a replay begins. */
const ReplayBar = lazy(async () => ({ default: (await import('./ReplayBar.tsx')).ReplayBar }))

/** The way to the arrival replay, and the replay itself once somebody went there. */
export function Replay(props: Omit<ReplayBarProps, 'onClose'>) {
  const [isOpen, setOpen] = useState(false)
  if (!isOpen) {
    return (
      <button
        type="button"
        className="button-small replay-start"
        title="Go through the trace in the order in which its spans arrived"
        onClick={() => setOpen(true)}
      >
        Replay arrival
      </button>
    )
  }
  return (
    <Suspense fallback={<p className="hint">Loading…</p>}>
      <ReplayBar {...props} onClose={() => setOpen(false)} />
    </Suspense>
  )
}
