import { useStore } from 'zustand'
import { readConfig } from '../config.ts'
import { pingStore } from '../ping/ping-store.ts'
import { type FaultId, faultIds, faults, isApiFault } from './faults.ts'
import './faults.css'

/** What the next ping gets wrong: nothing, unless somebody wants to see what becomes of it. */
export function FaultPicker() {
  const { fault, setFault } = useStore(pingStore)
  const apiTakesFaults = readConfig(document).faults
  return (
    <details className="fault-picker">
      <summary>
        Break it on purpose{fault && <>: the next ping has “{faults[fault].label}”</>}
      </summary>
      <fieldset>
        <legend className="visually-hidden">What to break</legend>
        <FaultChoice id={undefined} label="Nothing" chosen={fault} onChoose={setFault} />
        {faultIds.map((id) => (
          <FaultChoice
            key={id}
            id={id}
            label={faults[id].label}
            chosen={fault}
            disabled={isApiFault(id) && !apiTakesFaults}
            onChoose={setFault}
          />
        ))}
      </fieldset>
      {!apiTakesFaults && (
        <p className="hint">
          The last three happen in the API, which has to be started for it:{' '}
          <code>PINGTRACE_FAULTS=1 npm start</code>
        </p>
      )}
    </details>
  )
}

interface FaultChoiceProps {
  id: FaultId | undefined
  label: string
  chosen: FaultId | undefined
  disabled?: boolean
  onChoose(id: FaultId | undefined): void
}

function FaultChoice({ id, label, chosen, disabled = false, onChoose }: FaultChoiceProps) {
  return (
    <label>
      <input
        type="radio"
        name="fault"
        checked={chosen === id}
        disabled={disabled}
        onChange={() => onChoose(id)}
      />
      {label}
    </label>
  )
}
