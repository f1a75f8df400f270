import type { ReactNode } from 'react'
import './Facts.css'

/** Names and what is said of each, in the order given. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} className={isLong(value) ? 'long' : undefined}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** What would be a tall and narrow column gets the whole width, below its name. */
function isLong(value: ReactNode): boolean {
  return typeof value === 'string' && (value.length > 90 || value.includes('\n'))
}
