import { type Source, sourceHref } from './source.ts'

const sources: { source: Source; label: string }[] = [
  { source: 'collector', label: 'This collector' },
  { source: 'jaeger', label: 'Jaeger' },
]

/** Links, which load the page anew: nothing of one source is left in what is shown of the other. */
export function SourceSwitch({ source: current }: { source: Source }) {
  return (
    <nav className="views" aria-label="Source of the traces">
      {sources.map(({ source, label }) => (
        <a
          key={source}
          href={sourceHref(window.location.href, source)}
          aria-current={source === current ? 'page' : undefined}
          // The address may have changed since this was drawn.
          onClick={(event) => {
            event.currentTarget.href = sourceHref(window.location.href, source)
          }}
        >
          {label}
        </a>
      ))}
    </nav>
  )
}
