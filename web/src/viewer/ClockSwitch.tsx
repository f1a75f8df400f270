import type { TraceClocks } from '@pingtrace/trace-facts'
import { clockBadge, clockExplanation, shownTimesText } from './clock-words.ts'
import type { ClockView } from './selection.ts'
import { Name } from './Text.tsx'
import { plainText } from './visible-text.ts'
import './ClockSwitch.css'

interface ClockSwitchProps {
  clocks: TraceClocks
  view: ClockView
  onChange(view: ClockView): void
}

/** Where clocks disagree: by how much, which times are shown, and the switch between both. */
export function ClockSwitch({ clocks, view, onChange }: ClockSwitchProps) {
  const isAdjusted = view === 'adjusted'
  const said = shownTimesText(isAdjusted, clocks)
  if (said === '') return null
  return (
    <p className="clock-switch">
      {clocks.skewed.map((clock) => (
        <span
          key={clock.process}
          className="badge badge-warn"
          title={plainText(clockExplanation(clock, clocks))}
        >
          <Name text={clockBadge(clock)} />
        </span>
      ))}
      <span>{said}</span>
      {clocks.skewed.length > 0 && (
        <button
          type="button"
          className="button-small"
          aria-pressed={isAdjusted}
          onClick={() => onChange(isAdjusted ? 'raw' : 'adjusted')}
        >
          Adjust
        </button>
      )}
    </p>
  )
}
