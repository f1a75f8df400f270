import { useEffect } from 'react'
import { useStore } from 'zustand'
import { Name } from '../viewer/Text.tsx'
import { behindStore } from './behind-store.ts'
import { behindText } from './behind-words.ts'
import type { Call } from './call.ts'
import { pingStore } from './ping-store.ts'
import './BehindApi.css'

/** One line that keeps nobody in the dark: which Redis and which MongoDB the API talks to. */
export function BehindApi() {
  const behind = useStore(behindStore)
  useEffect(() => {
    void behindStore.refresh()
    return pingStore.subscribe(({ calls }, before) => {
      // A call that fails where others did not, or the other way round, says that something changed.
      if (failing(calls) !== failing(before.calls)) void behindStore.refresh()
    })
  }, [])

  const parts = behindText(behind)
  return (
    <p className="behind-api">
      {parts.length > 0 && 'Behind the API: '}
      {parts.map((part, index) => (
        <span key={part}>
          {index > 0 && ' · '}
          <Name text={part} />
        </span>
      ))}
    </p>
  )
}

/** Whether the last call that is over failed. */
function failing(calls: Call[]): boolean {
  return calls.find(({ state }) => state !== 'running')?.state === 'failed'
}
