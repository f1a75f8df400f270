import type { Finding } from '@pingtrace/doctor'
import { unfolded, visibleRows } from '@pingtrace/trace-tree'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { FindingMark } from '../findings/FindingMark.tsx'
import { durationText } from '../viewer/duration-text.ts'
import { serviceColour } from '../viewer/service-colours.ts'
import { Name } from '../viewer/Text.tsx'
import { createTraceStore } from '../viewer/trace-store.ts'

/** A ping has six spans; a trace of strangers that is much longer is not what this is for. */
const mostRows = 12

interface TraceOutlineProps {
  queryUrl: string
  traceId: string
  /** What the doctor found, by span id. */
  findings?: ReadonlyMap<string, readonly Finding[]>
}

/** A trace as a few lines that grow as its spans arrive, with what is wrong at which. */
export function TraceOutline({ queryUrl, traceId, findings }: TraceOutlineProps) {
  const [store] = useState(() => createTraceStore(queryUrl))
  const shown = useStore(store, (state) => state.shown)
  useEffect(() => {
    store.show(traceId)
    return () => store.show(undefined)
  }, [store, traceId])

  if (shown === undefined) return <p className="hint">No span of it has arrived.</p>
  return (
    <ul className="trace-outline">
      {visibleRows(shown.tree, unfolded)
        .slice(0, mostRows)
        .map(({ node }) => (
          <li key={node.id} style={{ '--depth': `${node.depth}` }}>
            {node.span ? (
              <>
                <span
                  className="swatch"
                  style={{ '--service': serviceColour(node.span.service) }}
                />
                <span className={node.span.status.code === 'error' ? 'error-text' : undefined}>
                  <Name text={node.span.name} />
                </span>
                <span className="hint">{durationText(node)}</span>
                <Wrong findings={findings?.get(node.spanId)} />
              </>
            ) : (
              <span className="warn-text">a parent that has not arrived</span>
            )}
          </li>
        ))}
    </ul>
  )
}

function Wrong({ findings }: { findings: readonly Finding[] | undefined }) {
  const [gravest] = findings ?? []
  if (gravest === undefined) return null
  return (
    <>
      <FindingMark findings={[gravest]} />
      <code>{gravest.rule}</code>
    </>
  )
}
