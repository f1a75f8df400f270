import { useState } from 'react'
import { useStore } from 'zustand'
import { CopyButton } from './CopyButton.tsx'
import { saveAsFile, traceAsOtlp } from './download-trace.ts'
import type { Viewer } from './viewer.ts'

/** What can be done with the whole trace: pass on its address, or take it along as a file. */
export function TraceActions({ traceId, viewer }: { traceId: string; viewer: Viewer }) {
  const opened = useStore(viewer.files, (state) => state.opened)
  const [problem, setProblem] = useState<string>()
  const download = (): void => {
    setProblem(undefined)
    const ofFile = opened?.traces.get(traceId)?.data
    const json = ofFile ? JSON.stringify(ofFile) : traceAsOtlp(viewer.queryUrl, traceId)
    Promise.resolve(json).then(
      (content) => saveAsFile(`trace-${traceId}.json`, content),
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    )
  }
  return (
    <span className="trace-actions">
      <CopyButton text={() => window.location.href} what="link" label="Copy link" />
      <button
        type="button"
        className="button-small"
        title="Everything that is stored of the trace, as OTLP JSON"
        onClick={download}
      >
        Download
      </button>
      {problem !== undefined && (
        <span className="error-text" role="alert">
          Not downloaded: {problem}
        </span>
      )}
    </span>
  )
}
