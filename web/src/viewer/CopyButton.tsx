import { useEffect, useState } from 'react'

/** How long the button says that it has copied. */
const confirmMs = 2_000

/** Copies a text; `what` names it to those who cannot see what stands beside the button. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'refused'>()

  useEffect(() => {
    if (outcome === undefined) return
    const timer = setTimeout(() => setOutcome(undefined), confirmMs)
    return () => clearTimeout(timer)
  }, [outcome])

  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('refused'),
    )
  }
  return (
    <button type="button" className="button-small" onClick={copy} aria-label={`Copy ${what}`}>
      <span aria-live="polite">
        {outcome === undefined ? 'Copy' : outcome === 'copied' ? 'Copied' : 'Not allowed'}
      </span>
    </button>
  )
}
