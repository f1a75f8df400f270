import type { ServiceMapResult, ServiceNode } from '@pingtrace/otlp'
import { useMemo } from 'react'
import { serviceColour } from '../viewer/service-colours.ts'
import { Name } from '../viewer/Text.tsx'
import { plainName } from '../viewer/visible-text.ts'
import { edgeKey, layoutMap, nodeSize, pathThrough } from './map-layout.ts'
import { callsOf, edgeQuery, nodeQuery } from './map-query.ts'
import type { MapLinks } from './ServiceMap.tsx'
import { failedText, kindText, latencyText, rateText } from './words.ts'

interface MapDrawingProps {
  result: ServiceMapResult
  links: MapLinks
}

/** Boxes and arrows, each a link to its traces. */
export function MapDrawing({ result, links }: MapDrawingProps) {
  const { nodes, edges, time } = result
  // The figures change with each answer; who calls whom seldom does.
  const shape = JSON.stringify([nodes.map(({ id }) => id).sort(), edges.map(edgeKey).sort()])
  const layout = useMemo(() => layoutMap(nodes, edges), [shape])
  const calls = callsOf(nodes, edges)
  const busiest = Math.max(1, ...edges.map(({ count }) => count))
  const size = { '--map-width': `${layout.width}px`, '--map-height': `${layout.height}px` }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, which needs the keys
    <section className="map-scroll" aria-label="Drawing of the service map" tabIndex={0}>
      <div className="map" style={size}>
        <svg className="map-edges" width={layout.width} height={layout.height} aria-hidden="true">
          <defs>
            <marker
              id="map-arrow"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0,0L8,4L0,8z" />
            </marker>
          </defs>
          {calls.map(({ edge }) => (
            <path
              key={edgeKey(edge)}
              className="map-edge"
              data-error={edge.errorCount > 0}
              d={pathThrough(layout.edges.get(edgeKey(edge))?.points ?? [])}
              strokeWidth={1 + 3 * Math.sqrt(edge.count / busiest)}
              markerEnd="url(#map-arrow)"
            />
          ))}
        </svg>
        {nodes.map((node) => (
          <NodeBox
            key={node.id}
            node={node}
            at={layout.nodes.get(node.id)}
            time={time}
            links={links}
          />
        ))}
        {calls.map(({ edge, from, to }) => {
          const query = edgeQuery(links.query, from, to)
          const label = layout.edges.get(edgeKey(edge))?.label
          return (
            <a
              key={edgeKey(edge)}
              className="map-call"
              data-error={edge.errorCount > 0}
              href={links.href(query)}
              onClick={(event) => links.onClick(event, query)}
              style={{ '--left': `${label?.x ?? 0}px`, '--top': `${label?.y ?? 0}px` }}
              title={`${plainName(from.name)} calls ${plainName(to.name)}: ${latencyText(edge)}`}
            >
              <span className="visually-hidden">
                <Name text={from.name} /> calls <Name text={to.name} />:{' '}
              </span>
              <span>
                {rateText(edge, time)} <span className="error-text">{failedText(edge)}</span>
              </span>
              <span className="map-latency">{latencyText(edge)}</span>
            </a>
          )
        })}
      </div>
    </section>
  )
}

interface NodeBoxProps {
  node: ServiceNode
  at: { x: number; y: number } | undefined
  time: ServiceMapResult['time']
  links: MapLinks
}

function NodeBox({ node, at, time, links }: NodeBoxProps) {
  const query = nodeQuery(links.query, node)
  return (
    <a
      className="map-node"
      data-kind={node.kind}
      data-error={node.errorCount > 0}
      href={links.href(query)}
      onClick={(event) => links.onClick(event, query)}
      title={plainName(node.name)}
      style={{
        '--left': `${at?.x ?? 0}px`,
        '--top': `${at?.y ?? 0}px`,
        '--width': `${nodeSize.width}px`,
        '--height': `${nodeSize.height}px`,
        '--service': node.kind === 'service' ? serviceColour(node.name) : 'var(--muted)',
      }}
    >
      <strong>
        <Name text={node.name} />
      </strong>
      <span>
        {node.kind === 'service' ? '' : `${kindText[node.kind]} · `}
        {rateText(node, time)} <span className="error-text">{failedText(node)}</span>
      </span>
      <span>{latencyText(node)}</span>
    </a>
  )
}
