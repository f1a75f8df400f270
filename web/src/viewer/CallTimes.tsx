import type { NetworkGap } from '@pingtrace/trace-facts'
import { makeAxis, placeBar } from './axis.ts'
import { betweenText, phaseText, phaseTotals, unknownText } from './call-words.ts'
import { formatDuration } from './format.ts'
import './CallTimes.css'

/** What the time of a call went into: a bar of its own, and each phase in words. */
export function CallTimes({ gap }: { gap: NetworkGap }) {
  const { segments } = gap
  const axis = makeAxis(segments[0]!.start, segments.at(-1)!.end)
  const unknown = unknownText(gap)
  return (
    <div className="call-times">
      <p>{betweenText(gap)}</p>
      <div className="call-bar" aria-hidden="true">
        <CallSegments gap={gap} axis={axis} />
      </div>
      <ul>
        {phaseTotals(gap).map(([phase, nanos]) => (
          <li key={phase}>
            <span className="call-segment" data-phase={phase} aria-hidden="true" />
            {phaseText[phase]} <strong>{formatDuration(nanos)}</strong>
          </li>
        ))}
      </ul>
      {unknown && <p className="hint">{unknown}</p>}
    </div>
  )
}

/** The phases in their places on an axis. */
export function CallSegments({
  gap,
  axis,
}: {
  gap: NetworkGap
  axis: ReturnType<typeof makeAxis>
}) {
  return gap.segments.map(({ phase, start, end }) => {
    const { left, width } = placeBar(axis, start, end)
    return (
      <span
        key={`${start}`}
        className="call-segment"
        data-phase={phase}
        style={{ insetInlineStart: `${left}%`, inlineSize: `${width}%` }}
      />
    )
  })
}
