import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { useStore } from 'zustand'
import { ExampleQueries } from './ExampleQueries.tsx'
import type { Explorer } from './explorer.ts'
import { findProblem, type Problem } from './problem.ts'
import { QueryProblem } from './QueryProblem.tsx'
import { RangePicker } from './RangePicker.tsx'
import { SuggestionList } from './SuggestionList.tsx'
import { accept, type Suggestion, type Suggestions, suggest } from './suggest.ts'
import { suggestionKey } from './suggestion-keys.ts'
import type { View } from './views.ts'
import './QueryBox.css'

const none: Suggestions = { from: 0, to: 0, items: [] }

/**
 * Where the query is written, with what may come next. The list follows the combobox pattern of the
 * WAI-ARIA Authoring Practices: the focus stays in the box, and nothing is taken that was not chosen.
 */
export function QueryBox({ explorer }: { explorer: Explorer }) {
  const { asked, names } = explorer
  const { query, range, view } = useStore(asked)
  const answered = useProblem(explorer, view)
  const known = useStore(names)
  const [text, setText] = useState(query)
  const [cursor, setCursor] = useState(0)
  const [isOpen, setOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const [refused, setRefused] = useState<{ text: string; problem: Problem }>()
  const box = useRef<HTMLInputElement>(null)
  const listId = useId()
  const helpId = useId()

  // Back and forward ask other questions.
  useEffect(() => setText(query), [query])

  const suggestions = useMemo(
    () => (isOpen ? suggest(text, cursor, known) : none),
    [isOpen, text, cursor, known],
  )
  const { items } = suggestions
  const isShown = items.length > 0
  const problem = refused?.text === text ? refused.problem : text === query ? answered : undefined

  const close = (): void => {
    setOpen(false)
    setActive(-1)
  }
  const ask = (wanted: string): void => {
    close()
    const wrong = wanted.trim() === '' ? undefined : findProblem(wanted)
    setText(wanted)
    setRefused(wrong && { text: wanted, problem: wrong })
    if (wrong === undefined) asked.ask(wanted)
  }
  const take = (suggestion: Suggestion): void => {
    const next = accept(text, suggestions, suggestion)
    flushSync(() => {
      setText(next.text)
      setCursor(next.cursor)
      setActive(-1)
    })
    box.current?.focus()
    box.current?.setSelectionRange(next.cursor, next.cursor)
  }

  const onKeyDown = (event: KeyboardEvent): void => {
    // What an input method is still composing is not ours.
    if (event.nativeEvent.isComposing) return
    const action = suggestionKey(event, { isShown, active, count: items.length })
    if (action === undefined) return
    event.preventDefault()
    if (action.do === 'open') setOpen(true)
    if (action.do === 'move') setActive(action.to)
    if (action.do === 'take') take(items[active]!)
    if (action.do === 'close') close()
    if (action.do === 'ask') ask(text)
  }

  return (
    <search className="card query">
      <form
        className="query-form"
        onSubmit={(event) => {
          event.preventDefault()
          ask(text)
        }}
      >
        <label htmlFor="query">Query</label>
        <div className="query-field">
          <input
            ref={box}
            id="query"
            type="text"
            role="combobox"
            aria-autocomplete="list"
            aria-expanded={isShown}
            aria-controls={listId}
            aria-activedescendant={active < 0 ? undefined : `${listId}-${active}`}
            aria-describedby={helpId}
            aria-invalid={problem?.isQuery === true}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            placeholder='{ resource.service.name = "shop" && duration > 100ms }'
            value={text}
            onChange={(event) => {
              setText(event.target.value)
              setCursor(event.target.selectionStart ?? event.target.value.length)
              setOpen(true)
              setActive(-1)
              void names.refresh()
            }}
            onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
            onFocus={() => void names.refresh()}
            onBlur={close}
            onKeyDown={onKeyDown}
          />
          <SuggestionList id={listId} items={items} active={active} onTake={take} />
        </div>
        <RangePicker range={range} onChange={(range) => asked.change({ range })} />
        <button type="submit" className="button-small query-button">
          Search
        </button>
        <button
          type="button"
          className="button-small query-button"
          disabled={query === '' && text === '' && range === undefined}
          onClick={() => {
            close()
            setText('')
            setRefused(undefined)
            asked.change({ query: '', range: undefined })
          }}
        >
          Clear
        </button>
      </form>
      <div id={helpId} className="query-help" aria-live="polite">
        {problem === undefined ? (
          <p className="hint">
            TraceQL: conditions on a span in braces. Completion comes as you type, Enter searches.
          </p>
        ) : (
          <QueryProblem query={text} problem={problem} />
        )}
      </div>
      <ExampleQueries
        source={explorer.viewer.source}
        service={known.services[0]}
        query={query}
        onAsk={ask}
      />
    </search>
  )
}

/** What the view that is seen has to say of the question. */
function useProblem({ search, operations, map }: Explorer, view: View): Problem | undefined {
  const problems: Partial<Record<View, Problem | undefined>> = {
    list: useStore(search, (state) => state.problem),
    operations: useStore(operations, (state) => state.problem),
    map: useStore(map, (state) => state.problem),
  }
  return problems[view]
}
