import { useEffect, useRef, useState } from 'react'
import type { Explorer } from './explorer.ts'
import { globalKey, takesText } from './global-keys.ts'
import { keyHelp } from './key-help.ts'
import './KeySheet.css'

const storageKey = 'pingtrace.keys'

/** The keys that work everywhere, the button that tells of them, and the sheet of all keys. */
export function KeySheet({ explorer }: { explorer: Explorer }) {
  const sheet = useRef<HTMLDialogElement>(null)
  const [isOn, setOn] = useState(() => window.localStorage.getItem(storageKey) !== 'off')

  useEffect(() => {
    if (!isOn) return
    const onKeyDown = (event: KeyboardEvent): void => {
      // Behind an open sheet nothing moves.
      if (event.defaultPrevented || sheet.current?.open) return
      const action = globalKey(event, takesText(event.target))
      if (action === undefined) return
      event.preventDefault()
      if (action.do === 'help') sheet.current?.showModal()
      if (action.do === 'query') document.getElementById('query')?.focus()
      if (action.do === 'pause') explorer.list.pause(!explorer.list.getState().paused)
      if (action.do === 'view') explorer.asked.change({ view: action.view })
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [explorer, isOn])

  const switchKeys = (on: boolean): void => {
    setOn(on)
    window.localStorage.setItem(storageKey, on ? 'on' : 'off')
  }

  return (
    <>
      <button type="button" className="button-small" onClick={() => sheet.current?.showModal()}>
        Keys <kbd>?</kbd>
      </button>
      <dialog ref={sheet} className="key-sheet" aria-labelledby="keys-heading">
        <header className="card-header">
          <h2 id="keys-heading">Keys</h2>
          <button type="button" className="button-small" onClick={() => sheet.current?.close()}>
            Close
          </button>
        </header>
        <div className="key-groups">
          {keyHelp.map(({ where, keys }) => (
            <section key={where}>
              <h3>{where}</h3>
              <dl>
                {keys.map(([key, does]) => (
                  <div key={key}>
                    <dt>
                      {key.split(' ').map((each) => (
                        <kbd key={each}>{each}</kbd>
                      ))}
                    </dt>
                    <dd>{does}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
        <label className="key-switch">
          <input
            type="checkbox"
            checked={isOn}
            onChange={(event) => switchKeys(event.target.checked)}
          />
          Single characters are keys everywhere. Switch it off if you speak to your computer.
        </label>
      </dialog>
    </>
  )
}
