import type { MouseEvent } from 'react'
import { useStore } from 'zustand'
import { listHref } from './asked-store.ts'
import type { Explorer } from './explorer.ts'
import { type View, viewsOf } from './views.ts'
import './ViewTabs.css'

/** Links to the views of the same question, so that each can be copied and opened in a tab. */
export function ViewTabs({ explorer: { asked, viewer } }: { explorer: Explorer }) {
  const question = useStore(asked)
  const open = (event: MouseEvent, view: View): void => {
    // With a modifier the browser opens a tab or a window: its business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    asked.change({ view })
  }
  return (
    <nav className="views" aria-label="Views">
      {viewsOf(viewer.source).map(({ id, label }) => (
        <a
          key={id}
          href={listHref(window.location.href, { ...question, view: id })}
          aria-current={question.view === id ? 'page' : undefined}
          onClick={(event) => open(event, id)}
        >
          {label}
        </a>
      ))}
    </nav>
  )
}
