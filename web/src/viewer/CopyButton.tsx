import { useEffect, useState } from 'react'

/** How long the button says that it has copied. */
const confirmMs = 2_000

interface CopyButtonProps {
  /** Or what says it when the button is pressed. */
  text: string | (() => string)
  /** Names it to those who cannot see what stands beside the button. */
  what: string
  /** What stands on the button. */
  label?: string
}

/** Copies a text. */
export function CopyButton({ text, what, label = 'Copy' }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<'copied' | 'refused'>()

  useEffect(() => {
    if (outcome === undefined) return
    const timer = setTimeout(() => setOutcome(undefined), confirmMs)
    return () => clearTimeout(timer)
  }, [outcome])

  const copy = (): void => {
    navigator.clipboard.writeText(typeof text === 'string' ? text : text()).then(
      () => setOutcome('copied'),
      () => setOutcome('refused'),
    )
  }
  return (
    <button type="button" className="button-small" onClick={copy} aria-label={`Copy ${what}`}>
      <span aria-live="polite">
        {outcome === undefined ? label : outcome === 'copied' ? 'Copied' : 'Not allowed'}
      </span>
    </button>
  )
}
