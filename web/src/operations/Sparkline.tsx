import type { OperationStep, TimeSteps } from '@pingtrace/otlp'
import { memo } from 'react'
import { sparkline } from './sparkline.ts'
import { stepsText } from './words.ts'

const height = 24

/** Spans over time as bars, of which the failed part is red, and their 95th percentile as a line. */
export const Sparkline = memo(function Sparkline({
  steps,
  time,
}: {
  steps: readonly OperationStep[]
  time: TimeSteps
}) {
  const { width, bars, lines } = sparkline(steps, time)
  const text = stepsText(steps, time)
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={text}
    >
      <title>{text}</title>
      {bars.map((bar) => (
        <g key={bar.left}>
          <rect
            className="sparkline-bar"
            x={bar.left + 0.1}
            width={0.8}
            y={height - bar.height * height}
            height={bar.height * height}
          />
          {bar.failed > 0 && (
            <rect
              className="sparkline-failed"
              x={bar.left + 0.1}
              width={0.8}
              y={height - bar.failed * height}
              height={bar.failed * height}
            />
          )}
        </g>
      ))}
      {lines.map((points) => (
        <polyline
          key={points[0]![0]}
          className="sparkline-line"
          vectorEffect="non-scaling-stroke"
          // A step of its own is as wide as it lasts.
          points={(points.length > 1 ? points : [[points[0]![0] - 0.5, points[0]![1]], points[0]!])
            .map(([left, high]) => `${left! + 0.5},${1 + (height - 2) * (1 - high!)}`)
            .join(' ')}
        />
      ))}
    </svg>
  )
})
