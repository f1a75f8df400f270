import { type CallPath, durationOf } from '@pingtrace/trace-views'
import { count, formatDuration } from '../viewer/format.ts'
import { serviceColour } from '../viewer/service-colours.ts'
import { Name } from '../viewer/Text.tsx'
import { pathTitle, shareText } from './path-text.ts'
import './PathFacts.css'

interface PathFactsProps {
  path: CallPath
  /** All the time that was spent in the trace, in nanoseconds. */
  whole: bigint
  onShowSpan(id: string): void
}

/** What the spans of one call path come to, and the way to the slowest of them. */
export function PathFacts({ path, whole, onShowSpan }: PathFactsProps) {
  const slowest = path.nodes.reduce((best, node) =>
    durationOf(node) > durationOf(best) ? node : best,
  )
  return (
    <div className="path-facts">
      <strong>
        <Name text={pathTitle(path)} />
      </strong>
      {!path.missing && (
        <span className="service">
          <span className="swatch" style={{ '--service': serviceColour(path.service) }} />
          <Name text={path.service} />
        </span>
      )}
      <span>{count(path.count, 'span')}</span>
      {path.errors > 0 && <span className="error-text">{count(path.errors, 'error')}</span>}
      <span>
        <span className="label">in all</span> {formatDuration(path.total)}
      </span>
      <span>
        <span className="label">of its own</span> {formatDuration(path.self)}{' '}
        <span className="label">{shareText(path.self, whole)}</span>
      </span>
      <button type="button" className="button-small" onClick={() => onShowSpan(slowest.id)}>
        {path.count > 1 ? 'Show the slowest' : 'Show in the waterfall'}
      </button>
    </div>
  )
}
