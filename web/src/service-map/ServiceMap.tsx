import type { MouseEvent } from 'react'
import { useStore } from 'zustand'
import { listHref } from '../explorer/asked-store.ts'
import type { Explorer } from '../explorer/explorer.ts'
import { PauseButton } from '../explorer/PauseButton.tsx'
import { useStill } from '../explorer/use-still.ts'
import { emptyText } from '../operations/words.ts'
import { Name } from '../viewer/Text.tsx'
import { MapDrawing } from './MapDrawing.tsx'
import { MapTable } from './MapTable.tsx'
import { mapText } from './words.ts'
import './ServiceMap.css'

/** How the map's parts lead to the traces behind them. */
export interface MapLinks {
  /** What is looked for already. */
  query: string
  href(query: string): string
  onClick(event: MouseEvent, query: string): void
}

/** Who calls whom, how often, how well and how fast: as a drawing, and the same in words. */
export function ServiceMap({ explorer }: { explorer: Explorer }) {
  const { asked, map, list, viewer } = explorer
  const question = useStore(asked)
  const state = useStore(map)
  const stream = useStore(viewer.recent, (recent) => recent.stream)
  const { paused } = useStore(list)
  const { value, hold } = useStill(state, (a, b) => a.asked === b.asked && !b.searching, paused)
  const { result } = value
  const links: MapLinks = {
    query: question.query,
    href: (query) => listHref(window.location.href, { ...question, view: 'list', query }),
    onClick: (event, query) => {
      // With a modifier the browser opens a tab or a window: its business.
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
      event.preventDefault()
      asked.change({ view: 'list', query })
    },
  }
  return (
    <section className="card overview service-map" aria-labelledby="map-heading">
      <header className="card-header">
        <h2 id="map-heading">Service map</h2>
        <p className="hint overview-count" role="status">
          {mapText(value)}
        </p>
        <PauseButton paused={paused} onPause={list.pause} />
      </header>
      {result === undefined || result.nodes.length === 0 ? (
        <p className="hint overview-empty">
          <Name text={emptyText(state, stream, 'The services')} />
        </p>
      ) : (
        <div {...hold}>
          <MapDrawing result={result} links={links} />
          <MapTable result={result} links={links} />
        </div>
      )}
    </section>
  )
}
