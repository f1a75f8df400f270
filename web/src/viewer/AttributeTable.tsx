import type { AttributeMeaning } from '@pingtrace/doctor/explain-attribute'
import type { Attributes, AttributeValue } from '@pingtrace/otlp'
import { createContext, type MouseEvent, useContext, useId, useState } from 'react'
import type { Source } from '../source/source.ts'
import type { Explain } from './attribute-meanings.ts'
import { attributeText } from './attribute-text.ts'
import { CopyButton } from './CopyButton.tsx'
import { findQuery } from './find-query.ts'
import { LongText, Name } from './Text.tsx'
import { plainName } from './visible-text.ts'
import './AttributeTable.css'
import './Facts.css'

/** How the traces with a value are found. */
export interface FindTraces {
  /** Jaeger cannot be asked for attributes of events or links alone. */
  source: Source
  /** The address of a list that asks this. */
  href(query: string): string
  /** Asks it in this page, where it has such a list. */
  open?: ((query: string) => void) | undefined
}

/** What all attributes of a span's detail share. */
interface AttributeTools {
  find: FindTraces
  explain: Explain
  /** In lower case; only what has it in its name or value is shown. */
  filter: string
}

export const AttributeToolsContext = createContext<AttributeTools | undefined>(undefined)

interface AttributeTableProps {
  scope: 'span' | 'resource' | 'event' | 'link'
  attributes: Attributes
}

/** Names and values, in the order in which they were sent. */
export function AttributeTable({ scope, attributes }: AttributeTableProps) {
  const tools = useContext(AttributeToolsContext)!
  const entries = Object.entries(attributes)
  const shown = entries.filter(([name, value]) => isMatch(name, value, tools.filter))
  if (entries.length === 0) return <p className="hint">none</p>
  return (
    <>
      <dl className="facts">
        {shown.map(([name, value]) => (
          <Attribute key={name} scope={scope} name={name} value={value} tools={tools} />
        ))}
      </dl>
      {shown.length < entries.length && (
        <p className="hint">
          {shown.length} of {entries.length} have “{tools.filter}”
        </p>
      )}
    </>
  )
}

function isMatch(name: string, value: AttributeValue, filter: string): boolean {
  return (
    filter === '' ||
    name.toLowerCase().includes(filter) ||
    attributeText(value).toLowerCase().includes(filter)
  )
}

interface AttributeProps {
  scope: AttributeTableProps['scope']
  name: string
  value: AttributeValue
  tools: AttributeTools
}

/** A name, which opens what can be done with it, and its value. */
function Attribute({ scope, name, value, tools }: AttributeProps) {
  const [isOpen, setIsOpen] = useState(false)
  const more = useId()
  const text = attributeText(value)
  const meaning = tools.explain(name)
  return (
    <div className={text.length > 90 || text.includes('\n') ? 'long' : undefined}>
      <dt>
        <button
          type="button"
          className="attribute-name"
          aria-expanded={isOpen}
          aria-controls={isOpen ? more : undefined}
          title={meaning?.brief}
          onClick={() => setIsOpen(!isOpen)}
        >
          <Name text={name} />
        </button>
        {meaning?.stability === 'deprecated' && (
          <span className="badge badge-warn">deprecated</span>
        )}
      </dt>
      <dd>
        <LongText text={text} />
      </dd>
      {isOpen && (
        <dd id={more} className="attribute-more">
          <Meaning meaning={meaning} />
          <CopyButton text={text} what={`the value of ${plainName(name)}`} />
          <FindLink scope={scope} query={findQuery(scope, name, value)} find={tools.find} />
        </dd>
      )}
    </div>
  )
}

function Meaning({ meaning }: { meaning: AttributeMeaning | undefined }) {
  if (meaning === undefined) return <p className="hint">A name of the application’s own.</p>
  const isDeprecated = meaning.stability === 'deprecated'
  return (
    <p>
      <span className={isDeprecated ? 'badge badge-warn' : 'badge'}>
        {stabilityText[meaning.stability]}
      </span>{' '}
      {meaning.brief}
    </p>
  )
}

const stabilityText: Record<AttributeMeaning['stability'], string> = {
  stable: 'stable',
  development: 'in development',
  deprecated: 'deprecated',
}

interface FindLinkProps extends Pick<AttributeTableProps, 'scope'> {
  query: string | undefined
  find: FindTraces
}

function FindLink({ scope, query, find }: FindLinkProps) {
  if (query === undefined) return null
  if (find.source === 'jaeger' && (scope === 'event' || scope === 'link')) return null
  const open = (event: MouseEvent): void => {
    // With a modifier the browser opens a tab or a window: its business.
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    if (find.open === undefined) return
    event.preventDefault()
    find.open(query)
  }
  return (
    <a href={find.href(query)} title={plainName(query)} onClick={open}>
      Find traces with this value
    </a>
  )
}
