import type { DurationStats, ServiceMapResult } from '@pingtrace/otlp'
import { Fragment } from 'react'
import { percentText } from '../operations/words.ts'
import { Name } from '../viewer/Text.tsx'
import { edgeKey } from './map-layout.ts'
import { callsOf, edgeQuery, nodeQuery } from './map-query.ts'
import type { MapLinks } from './ServiceMap.tsx'
import { kindText, latencyText, rateText } from './words.ts'

interface MapTableProps {
  result: ServiceMapResult
  links: MapLinks
}

/** The map in words: every box and every arrow is a row. */
export function MapTable({ result, links }: MapTableProps) {
  const { nodes, edges, time } = result
  const figures = (stats: DurationStats) => (
    <>
      <td>{rateText(stats, time)}</td>
      <td className={stats.errorCount > 0 ? 'error-text' : 'no-errors'}>{percentText(stats)}</td>
      <td>{latencyText(stats)}</td>
    </>
  )
  const link = (names: string[], query: string) => (
    <a href={links.href(query)} onClick={(event) => links.onClick(event, query)}>
      {names.map((name, index) => (
        <Fragment key={`${index}`}>
          {index > 0 && ' → '}
          <Name text={name} />
        </Fragment>
      ))}
    </a>
  )
  return (
    <div className="map-tables">
      <table className="map-table" aria-label="Services and what they call">
        <thead>
          <Heads first="Service" />
        </thead>
        <tbody>
          {nodes
            .toSorted((a, b) => b.count - a.count)
            .map((node) => (
              <tr key={node.id}>
                <th scope="row">
                  {link([node.name], nodeQuery(links.query, node))}
                  {node.kind !== 'service' && <span className="hint"> {kindText[node.kind]}</span>}
                </th>
                {figures(node)}
              </tr>
            ))}
        </tbody>
      </table>
      {edges.length > 0 && (
        <table className="map-table" aria-label="Calls">
          <thead>
            <Heads first="Call" />
          </thead>
          <tbody>
            {callsOf(nodes, edges).map(({ edge, from, to }) => (
              <tr key={edgeKey(edge)}>
                <th scope="row">{link([from.name, to.name], edgeQuery(links.query, from, to))}</th>
                {figures(edge)}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

function Heads({ first }: { first: string }) {
  return (
    <tr>
      {[first, 'Rate', 'Errors', 'Latency'].map((head) => (
        <th key={head} scope="col">
          {head}
        </th>
      ))}
    </tr>
  )
}
