import { allPaths, callPaths } from '@pingtrace/trace-views'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { count, formatDuration } from '../viewer/format.ts'
import { serviceColour } from '../viewer/service-colours.ts'
import { Name } from '../viewer/Text.tsx'
import type { TraceViewProps } from '../viewer/trace-view-props.ts'
import { type GraphNode, layOutGraph } from './graph-layout.ts'
import { PathFacts } from './PathFacts.tsx'
import { pathByKey, rightwards } from './path-keys.ts'
import { pathLabel, pathTitle, shareText } from './path-text.ts'
import './GraphView.css'

/** Who called whom: spans of one call path are one box, with how many they are and what they took. */
export function GraphView({ tree, onShowSpan }: TraceViewProps) {
  const area = useRef<HTMLDivElement>(null)
  const [focusedId, setFocusedId] = useState<string>()
  const roots = useMemo(() => callPaths(tree), [tree])
  const { nodes, edges, width, height, hidden } = useMemo(
    () => layOutGraph(allPaths(roots)),
    [roots],
  )
  const drawn = useMemo(
    () => nodes.toSorted((a, b) => a.top - b.top).map(({ path }) => path),
    [nodes],
  )
  const whole = roots.reduce((sum, { weight }) => sum + weight, 0n)
  const focused = drawn.find(({ id }) => id === focusedId) ?? nodes[0]?.path

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.metaKey || event.ctrlKey || event.altKey) return
    const path = drawn.find(({ id }) => id === pathIdOf(event.target))
    const to = path && pathByKey(drawn, path, event.key, rightwards)
    if (to === undefined) return
    event.preventDefault()
    area.current?.querySelector<HTMLElement>(`[data-path-id="${to.id}"]`)?.focus()
  }

  if (focused === undefined) return <p className="hint">No span has arrived.</p>
  return (
    <>
      {hidden > 0 && (
        <p className="hint">
          The {count(nodes.length, 'path')} in which most time was spent; {hidden} more are not
          drawn.
        </p>
      )}
      <PathFacts path={focused} whole={whole} onShowSpan={onShowSpan} />
      <div className="graph-scroll">
        <div
          ref={area}
          className="graph"
          role="tree"
          aria-label="Trace graph"
          style={{ inlineSize: `${width}px`, blockSize: `${height}px` }}
          onKeyDown={onKeyDown}
          onFocus={(event) => setFocusedId(pathIdOf(event.target))}
        >
          <svg width={width} height={height} aria-hidden="true">
            {edges.map(({ to, line }) => (
              <path key={to.id} d={line} data-error={to.errors > 0 || undefined} />
            ))}
          </svg>
          {nodes.map((node) => (
            <Node key={node.path.id} node={node} focused={node.path === focused} whole={whole} />
          ))}
        </div>
      </div>
    </>
  )
}

function Node({ node, focused, whole }: { node: GraphNode; focused: boolean; whole: bigint }) {
  const { path, left, top } = node
  return (
    <div
      className="graph-node"
      role="treeitem"
      aria-label={pathLabel(path)}
      aria-level={path.depth + 1}
      aria-selected={focused}
      tabIndex={focused ? 0 : -1}
      title={pathLabel(path)}
      data-path-id={path.id}
      data-error={path.errors > 0 || undefined}
      data-missing={path.missing || undefined}
      style={{
        insetInlineStart: `${left}px`,
        insetBlockStart: `${top}px`,
        '--service': serviceColour(path.service),
      }}
    >
      <span className="graph-name">
        <Name text={pathTitle(path)} />
        {path.count > 1 && ` ×${path.count}`}
      </span>
      <span className="label">
        <Name text={path.service} />
      </span>
      <span>
        {formatDuration(path.total)}{' '}
        <span className="label">self {shareText(path.self, whole)}</span>
        {path.errors > 0 && <span className="error-text"> {count(path.errors, 'error')}</span>}
      </span>
    </div>
  )
}

function pathIdOf(target: EventTarget): string | undefined {
  return (target as Element).closest<HTMLElement>('[data-path-id]')?.dataset.pathId
}
