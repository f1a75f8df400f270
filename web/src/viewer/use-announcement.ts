import { useEffect, useState } from 'react'

/** Spans come in bursts; a screen reader should be told once, when they pause. */
const quietMs = 700

/** Follows a text, but only once it has stopped changing: for a live region. */
export function useAnnouncement(text: string): string {
  const [announced, setAnnounced] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setAnnounced(text), quietMs)
    return () => clearTimeout(timer)
  }, [text])
  return announced
}
