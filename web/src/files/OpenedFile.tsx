import { type MouseEvent, useState } from 'react'
import { useStore } from 'zustand'
import { count, formatDuration } from '../viewer/format.ts'
import { selectionHref } from '../viewer/selection.ts'
import { LongText, Name } from '../viewer/Text.tsx'
import { titleSpan } from '../viewer/trace-title.ts'
import type { Viewer } from '../viewer/viewer.ts'
import type { FileTrace, OpenFileStore } from './open-file-store.ts'
import './OpenFile.css'

/** Rows drawn at once. */
const pageSize = 100

/** The file that is open, with its traces to choose from; and why one could not be opened. */
export function OpenedFile({ files, viewer }: { files: OpenFileStore; viewer: Viewer }) {
  const { opened, reading, problem } = useStore(files)
  const [limit, setLimit] = useState(pageSize)
  if (opened === undefined && reading === undefined && problem === undefined) return null
  const traces = [...(opened?.traces.values() ?? [])]
  return (
    <section className="card opened-file" aria-label="Opened file">
      {reading !== undefined && (
        <p role="status">
          Reading <Name text={reading} />…
        </p>
      )}
      {problem !== undefined && (
        <p className="error-text" role="alert">
          <LongText text={problem} />
        </p>
      )}
      {opened !== undefined && (
        <>
          <h2>
            <Name text={opened.name} />
          </h2>
          <p className="hint">
            {count(traces.length, 'trace')}, shown from the file: nothing of it is sent or stored.
          </p>
        </>
      )}
      <button type="button" className="button-small" onClick={files.close}>
        {opened === undefined ? 'Dismiss' : 'Close the file'}
      </button>
      {traces.length > 1 && (
        <ul className="file-traces" aria-label="Traces of the file">
          {traces.slice(0, limit).map((trace) => (
            <Row key={trace.traceId} trace={trace} viewer={viewer} />
          ))}
        </ul>
      )}
      {traces.length > limit && (
        <button type="button" className="show-more" onClick={() => setLimit(limit + pageSize)}>
          Show more: {count(traces.length - limit, 'trace')} not drawn yet
        </button>
      )}
    </section>
  )
}

function Row({ trace: { traceId, tree }, viewer }: { trace: FileTrace; viewer: Viewer }) {
  const isShown = useStore(viewer.selection, (selection) => selection.traceId === traceId)
  const title = titleSpan(tree)
  const pick = (event: MouseEvent): void => {
    // In another tab the file is not open, and the collector is asked: the browser's business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    viewer.selection.pick(traceId)
  }
  return (
    <li>
      <a
        href={selectionHref(window.location.href, { traceId, spanId: undefined })}
        aria-current={isShown ? 'true' : undefined}
        onClick={pick}
      >
        <Name text={title?.name ?? ''} />
      </a>
      <span className="label">
        <Name text={title?.service ?? ''} /> · {formatDuration(tree.end - tree.start)} ·{' '}
        {count(tree.spanCount, 'span')}
      </span>
      {tree.errorCount > 0 && <span className="error-text">{count(tree.errorCount, 'error')}</span>}
    </li>
  )
}
