import { useId, useState } from 'react'
import { useTimeZone } from '../viewer/time-zone.ts'
import { fromInput, toInput } from './range-input.ts'
import { type LastName, lastRanges, type TimeRange } from './time-range.ts'

interface RangePickerProps {
  range: TimeRange | undefined
  onChange(range: TimeRange | undefined): void
}

/** When what is looked for happened: any time, the last while, or between two times. */
export function RangePicker({ range, onChange }: RangePickerProps) {
  const { utc } = useTimeZone()
  const [choosing, setChoosing] = useState(false)
  const id = useId()
  const isFixed = range !== undefined && range.last === undefined
  const isOpen = choosing || isFixed
  const choose = (value: string): void => {
    setChoosing(value === 'between')
    if (value === 'any') onChange(undefined)
    else if (value !== 'between') onChange({ last: value as LastName })
  }
  const fixed = isFixed ? range : { from: undefined, to: undefined }
  const end = (name: 'from' | 'to', label: string) => (
    <label>
      {label}
      <input
        type="datetime-local"
        step="1"
        value={toInput(fixed[name], utc)}
        onChange={(event) => {
          const next = {
            from: fixed.from,
            to: fixed.to,
            [name]: fromInput(event.target.value, utc),
          }
          const isNone = next.from === undefined && next.to === undefined
          setChoosing(true)
          onChange(isNone ? undefined : next)
        }}
      />
    </label>
  )
  return (
    <div className="range">
      <label htmlFor={id} className="visually-hidden">
        Time
      </label>
      <select
        id={id}
        value={isOpen ? 'between' : (range?.last ?? 'any')}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="any">any time</option>
        {lastRanges.map(({ name, label }) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
        <option value="between">between…</option>
      </select>
      {isOpen && (
        <span className="range-ends">
          {end('from', 'from')}
          {end('to', utc ? 'to (UTC)' : 'to')}
        </span>
      )}
    </div>
  )
}
