import { spanKinds } from '@pingtrace/otlp'
import type { AttributeScope, Expression, Field, ValueType } from './ast.ts'
import { intrinsics, scopePrefixes, statuses, typeOf } from './fields.ts'
import { Lexer, type Token } from './lexer.ts'
import { aggregates, Parser } from './parser.ts'
import { maxQueryLength, QueryError } from './query-error.ts'

/** What may be written at the cursor. */
export interface Completion {
  /** The text that a candidate takes the place of: the token that is being typed, or nothing. */
  from: number
  to: number
  candidates: Candidate[]
}

export type Candidate =
  | { kind: 'operator' | 'scope' | 'aggregate'; text: string }
  | { kind: 'intrinsic'; text: string; type: ValueType }
  /** A value that is written so; `string` and `number` stand for those that nobody can list. */
  | { kind: 'value'; text: string }
  /** The name of any attribute in this scope; the caller may know some. `typed` is its beginning. */
  | { kind: 'attribute'; scope: AttributeScope; typed: string }
  /** Any value of this attribute or intrinsic; the caller may know some. */
  | { kind: 'values'; field: Field; type: ValueType }

/**
 * What may follow in a query at the cursor, as far as it begins with what is typed there. It only
 * looks at the text before; where that is wrong already, there is nothing to say.
 */
export function complete(text: string, cursor: number): Completion {
  const before = text.slice(0, Math.min(cursor, maxQueryLength))
  const { from, token } = typedToken(before)
  const completion = { from, to: before.length, candidates: [] as Candidate[] }
  const place = expectedAfter(before.slice(0, from))
  if (place === undefined) return completion
  if (token?.type === 'attribute' && place.expected.has('field')) {
    completion.candidates.push({ kind: 'attribute', scope: token.scope, typed: token.name })
    return completion
  }
  const typed = before.slice(from)
  completion.candidates = candidatesFor(place).filter(
    (each) => !('text' in each) || each.text.startsWith(typed),
  )
  return completion
}

interface Place {
  expected: ReadonlySet<string>
  comparedWith: Expression | undefined
}

/** The last token, where the cursor touches it and it may go on: names, words, numbers. */
function typedToken(before: string): { from: number; token?: Token } {
  const lexer = new Lexer(before)
  let last: Token | undefined
  try {
    for (let token = lexer.next(); token.type !== 'end'; token = lexer.next()) last = token
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    return { from: error.start, ...unfinishedAttribute(before, error) }
  }
  const isOpen = last !== undefined && !['symbol', 'string'].includes(last.type)
  if (last === undefined || !isOpen || last.end < before.length) return { from: before.length }
  return { from: last.start, token: last }
}

/** `span.` alone is no token yet. */
function unfinishedAttribute(before: string, { start, end }: QueryError): { token?: Token } {
  const typed = before.slice(start)
  for (const [scope, prefix] of Object.entries(scopePrefixes)) {
    if (typed !== prefix) continue
    return { token: { type: 'attribute', scope: scope as AttributeScope, name: '', start, end } }
  }
  return {}
}

/** Reads what is there; what it would have taken at the end is the answer. */
function expectedAfter(text: string): Place | undefined {
  let parser: Parser | undefined
  try {
    parser = new Parser(text)
    parser.query()
  } catch (error) {
    if (!(error instanceof QueryError)) throw error
    if (error.start < text.trimEnd().length) return undefined
  }
  return parser
}

function candidatesFor({ expected, comparedWith }: Place): Candidate[] {
  const candidates: Candidate[] = []
  if (expected.has('value')) candidates.push(...valuesFor(comparedWith))
  if (expected.has('field')) candidates.push(...fields())
  if (expected.has('aggregate')) {
    candidates.push(...aggregates.map((name) => ({ kind: 'aggregate' as const, text: `${name}(` })))
  }
  if (expected.has('number') && !expected.has('value')) {
    candidates.push({ kind: 'value', text: 'number' })
  }
  for (const text of expected) {
    if (/^\W+$/.test(text)) candidates.push({ kind: 'operator', text })
  }
  return candidates
}

function fields(): Candidate[] {
  return [
    ...Object.values(scopePrefixes).map((text) => ({ kind: 'scope' as const, text })),
    ...Object.values(intrinsics).flatMap(({ names, type }) =>
      names.map((text) => ({ kind: 'intrinsic' as const, text, type })),
    ),
  ]
}

/** Without something to compare with, a value is only a condition. */
function valuesFor(other: Expression | undefined): Candidate[] {
  const values = (...texts: string[]) => texts.map((text) => ({ kind: 'value' as const, text }))
  if (other?.kind !== 'attribute' && other?.kind !== 'intrinsic') return values('true', 'false')
  const type = typeOf(other)
  if (type === 'status') return values(...statuses)
  if (type === 'kind') return values(...spanKinds)
  const own: Candidate = { kind: 'values', field: other, type }
  return type === 'any' ? [own, ...values('true', 'false', 'nil')] : [own]
}
