import { chooseTimeZone, useTimeZone } from './time-zone.ts'

/** Whether times are those of this machine's zone or UTC. */
export function TimeZoneSwitch() {
  const { utc } = useTimeZone()
  return (
    <button
      type="button"
      className="button-small"
      aria-pressed={utc}
      title="Show times in UTC instead of the zone of this machine"
      onClick={() => chooseTimeZone(!utc, window.localStorage)}
    >
      UTC
    </button>
  )
}
