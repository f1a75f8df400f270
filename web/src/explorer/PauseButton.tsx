interface PauseButtonProps {
  paused: boolean
  onPause(paused: boolean): void
}

/** Holds what is live still, and lets it go on. */
export function PauseButton({ paused, onPause }: PauseButtonProps) {
  return (
    <button
      type="button"
      className="button-small"
      aria-pressed={paused}
      onClick={() => onPause(!paused)}
    >
      Pause
    </button>
  )
}
