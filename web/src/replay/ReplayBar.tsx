import type { TraceArrivals } from '@pingtrace/otlp'
import type { TraceTree } from '@pingtrace/trace-tree'
import { useEffect, useMemo, useState } from 'react'
import type { Viewer } from '../viewer/viewer.ts'
import { readArrivals } from './read-arrivals.ts'
import { pauseBefore, replayTrace } from './replay-trace.ts'
import { laterText, stepText } from './replay-words.ts'
import './ReplayBar.css'

const noArrivals: TraceArrivals = { arrivals: [], laterSpans: 0 }

/** A trace as it was when some of it had arrived. */
export interface Replayed {
  traceId: string
  tree: TraceTree
}

export interface ReplayBarProps {
  traceId: string
  /** The whole trace. */
  tree: TraceTree
  viewer: Viewer
  /** Is told what to draw; undefined: the trace as it is. */
  onReplay(replayed: Replayed | undefined): void
  onClose(): void
}

/** Goes through a trace in the order in which its spans arrived at the collector. */
export function ReplayBar({ traceId, tree, viewer, onReplay, onClose }: ReplayBarProps) {
  const [{ arrivals, laterSpans }, setArrivals] = useState(noArrivals)
  const [problem, setProblem] = useState<string>()
  const [step, setStep] = useState(1)
  const [playing, setPlaying] = useState(false)
  const last = arrivals.length

  // Asked anew when spans have come; they are at the end of it.
  const { spanCount } = tree
  useEffect(() => {
    const stop = new AbortController()
    readArrivals(viewer.queryUrl, traceId, stop.signal).then(
      (found) => {
        setArrivals(found)
        setProblem(undefined)
      },
      (error: unknown) => {
        if (!stop.signal.aborted) setProblem(error instanceof Error ? error.message : String(error))
      },
    )
    return () => stop.abort()
  }, [viewer, traceId, spanCount])

  const replayed = useMemo(() => replayTrace(tree, arrivals, step), [tree, arrivals, step])
  useEffect(() => {
    if (last > 0) onReplay({ traceId, tree: replayed })
    return () => onReplay(undefined)
  }, [traceId, replayed, last, onReplay])

  useEffect(() => {
    if (!playing) return
    if (step >= last) {
      setPlaying(false)
      return
    }
    const { matches } = window.matchMedia('(prefers-reduced-motion: reduce)')
    const timer = setTimeout(() => setStep(step + 1), pauseBefore(arrivals, step, matches))
    return () => clearTimeout(timer)
  }, [playing, step, last, arrivals])

  const play = (): void => {
    if (!playing && step >= last) setStep(1)
    setPlaying(!playing)
  }

  const text = last === 0 ? '' : stepText(arrivals, step, replayed, tree) + laterText(laterSpans)
  return (
    <section className="replay" aria-label="Arrival replay">
      {problem !== undefined ? (
        <p className="warn-text" role="alert">
          Its arrival is not known: {problem}.
        </p>
      ) : (
        <>
          <button type="button" className="button-small" disabled={last < 2} onClick={play}>
            {playing ? 'Stop' : 'Play'}
          </button>
          <input
            type="range"
            aria-label="Requests that had arrived"
            aria-valuetext={text}
            min={0}
            max={last}
            value={Math.min(step, last)}
            disabled={last === 0}
            onChange={(event) => {
              setPlaying(false)
              setStep(Number(event.target.value))
            }}
          />
          <p className="replay-text">{last === 0 ? 'Asking when its spans arrived…' : text}</p>
        </>
      )}
      <button type="button" className="button-small" onClick={onClose}>
        End replay
      </button>
    </section>
  )
}
