import { type ChangeEvent, useEffect, useRef, useState } from 'react'
import type { OpenFileStore } from './open-file-store.ts'
import './OpenFile.css'

/** Opens a file by button, or wherever it is dropped on the page. */
export function OpenFileButton({ files }: { files: OpenFileStore }) {
  const input = useRef<HTMLInputElement>(null)
  const isOver = useFileDrop((file) => void files.open(file))

  const choose = (event: ChangeEvent<HTMLInputElement>): void => {
    const [file] = event.target.files ?? []
    if (file !== undefined) void files.open(file)
    // The same file may be chosen again, when it has been mended.
    event.target.value = ''
  }
  return (
    <>
      <button type="button" className="button-small" onClick={() => input.current?.click()}>
        Open a file…
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept=".json,.jsonl,.ndjson,application/json"
        aria-label="Trace file"
        onChange={choose}
      />
      {isOver && (
        <div className="drop-target" aria-hidden="true">
          Drop a file of traces to look at it: OTLP JSON or Jaeger JSON
        </div>
      )}
    </>
  )
}

/** Whether a file is being dragged over the page. */
function useFileDrop(onFile: (file: File) => void): boolean {
  const [isOver, setOver] = useState(false)
  const take = useRef(onFile)
  take.current = onFile

  useEffect(() => {
    const hasFile = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
    const over = (event: DragEvent): void => {
      if (!hasFile(event)) return
      // Without this the browser would leave the page and show the file by itself.
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent): void => {
      if (!hasFile(event)) return
      event.preventDefault()
      setOver(false)
      const [file] = event.dataTransfer?.files ?? []
      if (file !== undefined) take.current(file)
    }
    window.addEventListener('dragover', over)
    window.addEventListener('dragleave', leave)
    window.addEventListener('drop', drop)
    return () => {
      window.removeEventListener('dragover', over)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('drop', drop)
    }
  }, [])
  return isOver
}
