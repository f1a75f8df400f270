import { allPaths, type CallPath, callPaths, layOutFlame } from '@pingtrace/trace-views'
import { type KeyboardEvent, type MouseEvent, useMemo, useRef, useState } from 'react'
import { count } from '../viewer/format.ts'
import { serviceColour } from '../viewer/service-colours.ts'
import { Name } from '../viewer/Text.tsx'
import type { TraceViewProps } from '../viewer/trace-view-props.ts'
import { PathFacts } from './PathFacts.tsx'
import { downwards, pathByKey } from './path-keys.ts'
import { pathLabel, pathTitle } from './path-text.ts'
import './FlameView.css'

/** Pixels, as in FlameView.css. */
const rowHeight = 24

/** Where the time went, added up by call path: the callers above, what they called below. */
export function FlameView({ tree, onShowSpan }: TraceViewProps) {
  const graph = useRef<HTMLDivElement>(null)
  const [zoomId, setZoomId] = useState<string>()
  const [focusedId, setFocusedId] = useState<string>()

  const roots = useMemo(() => callPaths(tree), [tree])
  const byId = useMemo(() => new Map(allPaths(roots).map((path) => [path.id, path])), [roots])
  const zoomed = zoomId === undefined ? undefined : byId.get(zoomId)
  const { frames, hidden, rows } = useMemo(() => layOutFlame(roots, zoomed), [roots, zoomed])
  const drawn = useMemo(() => frames.map(({ path }) => path), [frames])
  const whole = roots.reduce((sum, { weight }) => sum + weight, 0n)
  const focused = drawn.find(({ id }) => id === focusedId) ?? zoomed ?? drawn[0]

  const pathOf = (target: EventTarget): CallPath | undefined =>
    byId.get((target as Element).closest<HTMLElement>('[data-path-id]')?.dataset.pathId ?? '')

  /** Zooming to where one is zooms out again. */
  const zoom = (path: CallPath | undefined): void => {
    setZoomId(path === zoomed ? undefined : path?.id)
  }

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.metaKey || event.ctrlKey || event.altKey) return
    const path = pathOf(event.target)
    if (path === undefined) return
    const to = pathByKey(drawn, path, event.key, downwards)
    if (to !== undefined) {
      graph.current?.querySelector<HTMLElement>(`[data-path-id="${to.id}"]`)?.focus()
    } else if (event.key === 'Enter' || event.key === ' ') zoom(path)
    else if (event.key === 'Escape') zoom(undefined)
    else return
    event.preventDefault()
  }

  const onClick = (event: MouseEvent<HTMLElement>): void => {
    const path = pathOf(event.target)
    if (path !== undefined) zoom(path)
  }

  if (focused === undefined) return <p className="hint">No span has arrived.</p>
  return (
    <>
      <p className="hint flame-hint">
        A bar is as wide as the time that was spent in it and below; calls that ran at once stand
        side by side. Click a bar, or press Enter, to zoom in.{' '}
        {hidden > 0 && <>{count(hidden, 'path')} too narrow to draw. </>}
        {zoomed && (
          <button type="button" className="button-small" onClick={() => setZoomId(undefined)}>
            Whole trace
          </button>
        )}
      </p>
      <PathFacts path={focused} whole={whole} onShowSpan={onShowSpan} />
      <div className="flame-scroll">
        <div
          ref={graph}
          className="flame"
          role="tree"
          aria-label="Flame graph"
          style={{ blockSize: `${rows * rowHeight}px` }}
          onKeyDown={onKeyDown}
          onClick={onClick}
          onFocus={(event) => setFocusedId(pathOf(event.target)?.id)}
        >
          {frames.map(({ path, left, width, row }) => (
            <div
              key={path.id}
              className="flame-bar"
              role="treeitem"
              aria-label={pathLabel(path)}
              aria-level={row + 1}
              aria-selected={path === focused}
              tabIndex={path === focused ? 0 : -1}
              data-path-id={path.id}
              data-error={path.errors > 0 || undefined}
              data-missing={path.missing || undefined}
              title={pathLabel(path)}
              style={{
                insetInlineStart: `${left * 100}%`,
                inlineSize: `${width * 100}%`,
                insetBlockStart: `${row * rowHeight}px`,
                '--service': serviceColour(path.service),
              }}
            >
              <Name text={pathTitle(path)} />
              {path.count > 1 && ` ×${path.count}`}
            </div>
          ))}
        </div>
      </div>
    </>
  )
}
