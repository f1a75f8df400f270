import type { AttributeMeaning } from '@pingtrace/doctor/explain-attribute'
import { useEffect, useState } from 'react'

export type Explain = (name: string) => AttributeMeaning | undefined

const nothing: Explain = () => undefined

/** Loads what the names mean, which is more text than a page without an open span has to carry. */
export function useAttributeMeanings(): Explain {
  const [explain, setExplain] = useState<Explain>(() => nothing)
  useEffect(() => {
    let isWanted = true
    import('@pingtrace/doctor/explain-attribute').then(
      ({ explainAttribute }) => isWanted && setExplain(() => explainAttribute),
      // Without them the names are as they were sent, and everything else works.
      (error: unknown) => console.warn('the meanings of attributes could not be loaded', error),
    )
    return () => {
      isWanted = false
    }
  }, [])
  return explain
}
