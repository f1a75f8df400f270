import { type AttributeScope, type Candidate, complete, type Field } from '@pingtrace/traceql'
import type { Names } from './names-store.ts'
import { wellKnownAttributes, wellKnownValues } from './well-known.ts'

/** What may be written at the cursor, in the words of this collector's own data. */
export interface Suggestions {
  /** The text that a suggestion takes the place of. */
  from: number
  to: number
  items: Suggestion[]
}

export interface Suggestion {
  /** As it stands in the list. */
  label: string
  /** What is written for it. */
  insert: string
  /** What it is, in a word. */
  hint: string
}

/** Longer lists are no help; whoever types on gets to the rest. */
const maxItems = 50

export function suggest(text: string, cursor: number, names: Names): Suggestions {
  const { from, to, candidates } = complete(text, cursor)
  const typed = text.slice(from, to)
  const items = candidates.flatMap((each) => suggestionsFor(each, typed, names))
  // What stands there already, whole, is nothing to suggest.
  const more = items.filter(({ insert }) => insert.trim() !== typed)
  return { from, to, items: more.slice(0, maxItems) }
}

/** The text with a suggestion taken, and where the cursor is then. */
export function accept(
  text: string,
  { from, to }: Suggestions,
  { insert }: Suggestion,
): { text: string; cursor: number } {
  // A space that is there already serves for the one that comes with the suggestion.
  const after = text.slice(to)
  const spaced = insert.endsWith(' ') && after.startsWith(' ') ? after.slice(1) : after
  return { text: text.slice(0, from) + insert + spaced, cursor: from + insert.length }
}

function suggestionsFor(candidate: Candidate, typed: string, names: Names): Suggestion[] {
  switch (candidate.kind) {
    case 'operator':
      return [{ ...same(candidate.text), hint: operatorHints[candidate.text] ?? 'operator' }]
    case 'scope':
      return [{ label: candidate.text, insert: candidate.text, hint: 'attribute' }]
    case 'aggregate': {
      const isCount = candidate.text === 'count('
      const label = isCount ? 'count()' : candidate.text
      return [{ label, insert: isCount ? 'count() ' : label, hint: 'of the spans' }]
    }
    case 'intrinsic':
      return [{ ...same(candidate.text), hint: candidate.type }]
    case 'value':
      // Stands for any number: it can be typed, not chosen.
      if (candidate.text === 'number') return []
      return [{ ...same(candidate.text), hint: 'value' }]
    case 'attribute':
      return attributesOf(candidate.scope)
        .filter((name) => name.startsWith(candidate.typed))
        .map((name) => ({
          label: name,
          insert: `${candidate.scope === 'any' ? '' : candidate.scope}.${name} `,
          hint: 'attribute',
        }))
    case 'values':
      return valuesOf(candidate.field, names)
        .filter(({ label }) => begins(label, typed))
        .map(({ label, hint }) => ({ label, insert: `${label} `, hint }))
  }
}

const operatorHints: Record<string, string> = {
  '=~': 'matches',
  '!~': 'does not match',
  '>>': 'descendant',
  '<<': 'ancestor',
  '~': 'sibling',
  '&&': 'and',
  '||': 'or',
  '|': 'then',
}

function same(text: string): Pick<Suggestion, 'label' | 'insert'> {
  return { label: text, insert: `${text} ` }
}

function attributesOf(scope: AttributeScope): readonly string[] {
  if (scope === 'any') return [...wellKnownAttributes.span, ...wellKnownAttributes.resource]
  return wellKnownAttributes[scope]
}

function valuesOf(field: Field, { services, operations }: Names): Omit<Suggestion, 'insert'>[] {
  const quoted = (texts: string[], hint: string) =>
    // TraceQL's escapes are Go's, and JSON's are among them.
    texts.map((text) => ({ label: JSON.stringify(text), hint }))
  const isService = field.name === 'trace:rootService' || field.name === 'service.name'
  if (isService) return quoted(services, 'service')
  const isOperation = field.name === 'name' || field.name === 'trace:rootName'
  if (isOperation) return quoted(operations, 'operation')
  return (wellKnownValues[field.name] ?? []).map((label) => ({ label, hint: 'example' }))
}

/** With or without the quote, and whatever the case. */
function begins(label: string, typed: string): boolean {
  const plain = (text: string) => text.replace(/^"/, '').toLowerCase()
  return plain(label).startsWith(plain(typed))
}
