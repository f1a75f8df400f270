import { readSpans, type TracesData } from '@pingtrace/otlp'
import { buildTraceTree, type TraceTree } from '@pingtrace/trace-tree'
import { createStore, type StoreApi } from 'zustand/vanilla'

/** A trace of a file. */
export interface FileTrace {
  traceId: string
  tree: TraceTree
  /** As OTLP, to be downloaded. */
  data: TracesData
}

export interface OpenFile {
  name: string
  /** In the order of the file, by id. */
  traces: ReadonlyMap<string, FileTrace>
}

export interface OpenFileState {
  opened: OpenFile | undefined
  /** The name of the file that is being read. */
  reading: string | undefined
  /** Why the last one was not opened. */
  problem: string | undefined
}

export interface OpenFileStore extends StoreApi<OpenFileState> {
  /** Opens a file in the place of the one before; when it is refused, that one stays. */
  open(file: Pick<File, 'name' | 'size' | 'text'>): Promise<void>
  close(): void
}

/** A file whose traces are looked at in this page alone: nothing of it is sent anywhere, or stored. */
export function createOpenFile(): OpenFileStore {
  const store = createStore<OpenFileState>(() => ({
    opened: undefined,
    reading: undefined,
    problem: undefined,
  }))
  let latest = 0

  return {
    ...store,
    open: async (file) => {
      const turn = ++latest
      store.setState({ reading: file.name, problem: undefined })
      const outcome = await read(file).catch((error: unknown) => ({
        problem: `${file.name} was not opened. ${error instanceof Error ? error.message : error}`,
      }))
      // Somebody may have chosen another one, or none, meanwhile.
      if (turn === latest) store.setState({ reading: undefined, ...outcome })
    },
    close: () => {
      latest++
      store.setState({ opened: undefined, reading: undefined, problem: undefined })
    },
  }
}

async function read(file: Pick<File, 'name' | 'size' | 'text'>): Promise<{ opened: OpenFile }> {
  // Loaded with the first file: most people open none.
  const { maxFileBytes, readTraceFile } = await import('@pingtrace/trace-files')
  if (file.size > maxFileBytes) {
    const limit = `${maxFileBytes / 1024 / 1024} MiB`
    throw new Error(`It has over ${limit}: npm run import stores it in the collector.`)
  }
  const traces = [...readTraceFile(await file.text())].map(([traceId, data]): FileTrace => {
    return { traceId, data, tree: buildTraceTree(readSpans(data)) }
  })
  const byId = new Map(traces.map((trace) => [trace.traceId, trace]))
  return { opened: { name: file.name, traces: byId } }
}
