import { type KeyboardEvent, type ReactNode, useRef } from 'react'
import { focusedTab, type TraceTab, traceTabs } from './trace-tabs.ts'
import './TraceTabs.css'

interface TraceTabsProps {
  selected: TraceTab
  onSelect(tab: TraceTab): void
  /** What the selected tab shows. */
  children: ReactNode
}

/** The frame over an open trace: one tab for each way to look at it. */
export function TraceTabs({ selected, onSelect, children }: TraceTabsProps) {
  const list = useRef<HTMLDivElement>(null)

  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    // With a modifier it is the browser's key.
    if (event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return
    const from = (event.target as HTMLElement).dataset.tab as TraceTab
    const to = focusedTab(from, event.key)
    if (to === undefined) return
    event.preventDefault()
    list.current?.querySelector<HTMLElement>(`[data-tab="${to}"]`)?.focus()
  }

  return (
    <>
      <div
        ref={list}
        className="trace-tabs"
        role="tablist"
        aria-label="Views of the trace"
        onKeyDown={onKeyDown}
      >
        {traceTabs.map(({ id, label }) => (
          <button
            key={id}
            id={`trace-tab-${id}`}
            type="button"
            role="tab"
            aria-selected={id === selected}
            aria-controls="trace-tab-panel"
            tabIndex={id === selected ? 0 : -1}
            data-tab={id}
            onClick={() => onSelect(id)}
          >
            {label}
          </button>
        ))}
      </div>
      <div id="trace-tab-panel" role="tabpanel" aria-labelledby={`trace-tab-${selected}`}>
        {children}
      </div>
    </>
  )
}
