import { type FormEvent, useState } from 'react'
import { keepQueryToken, readQueryToken } from './query-token.ts'
import './QueryTokenForm.css'

/** Stands below the header while the collector tells nothing without its token. */
export function QueryTokenForm() {
  const [problem, setProblem] = useState(() =>
    readQueryToken() === undefined ? undefined : 'The collector does not take this token.',
  )
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const token = String(new FormData(event.currentTarget).get('token')).trim()
    if (token === '') return
    // HTTP's headers hold no more; the browser would refuse to send it at all.
    if (!/^[\x21-\x7e]+$/.test(token)) setProblem('A token has letters, digits and -._~+/= only.')
    // Everything that was refused is asked for anew.
    else if (keepQueryToken(token)) window.location.reload()
    else setProblem('This browser keeps nothing for this page: allow it to, and try again.')
  }
  return (
    <form className="query-token card" onSubmit={submit}>
      <label>
        Query token
        <input
          name="token"
          type="password"
          autoComplete="off"
          spellCheck={false}
          required
          aria-describedby="query-token-hint"
        />
      </label>
      <button type="submit">Read traces</button>
      <p id="query-token-hint" className="hint">
        The collector was started with <code>PINGTRACE_QUERY_TOKEN</code>. This tab keeps what you
        enter until it is closed.
      </p>
      {problem !== undefined && (
        <p className="error-text" role="alert">
          {problem}
        </p>
      )}
    </form>
  )
}
