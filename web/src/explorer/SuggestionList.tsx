import { Name } from '../viewer/Text.tsx'
import type { Suggestion } from './suggest.ts'

interface SuggestionListProps {
  id: string
  items: Suggestion[]
  /** The one that Enter takes; -1 for none. */
  active: number
  onTake(suggestion: Suggestion): void
}

/** What may come next in the query. The keys are the box's, which keeps the focus. */
export function SuggestionList({ id, items, active, onTake }: SuggestionListProps) {
  return (
    <div id={id} role="listbox" aria-label="What may come next" hidden={items.length === 0}>
      {items.map((item, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the box handles the keys
        <div
          key={`${item.label} ${item.hint}`}
          id={`${id}-${index}`}
          ref={index === active ? scrollIntoView : undefined}
          role="option"
          aria-selected={index === active}
          tabIndex={-1}
          // The focus must stay in the box.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onTake(item)}
        >
          <code>
            <Name text={item.label} />
          </code>
          <span>{item.hint}</span>
        </div>
      ))}
    </div>
  )
}

function scrollIntoView(option: HTMLElement | null): void {
  option?.scrollIntoView({ block: 'nearest' })
}
