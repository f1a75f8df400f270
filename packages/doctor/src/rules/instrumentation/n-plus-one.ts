import type { Span } from '@pingtrace/otlp'
import { compare, databaseOf, isDated, text } from '@pingtrace/trace-facts'
import type { TraceNode } from '@pingtrace/trace-tree'
import { nameOf } from '../../calls/describe-call.ts'
import { makeFinding } from '../../finding.ts'
import { duration, shown } from '../../report-text.ts'
import type { Rule } from '../../rule.ts'

/** So many of one kind, one after another. With the statement at hand fewer are enough. */
const enough = { withStatement: 5, byName: 10 }

/** The same question to a database, again and again, where one would do. */
export const nPlusOne: Rule = ({ nodes, tree }) =>
  // Below one parent; a missing one has children too.
  [...nodes, ...tree.roots.filter(({ span }) => span === undefined)].flatMap(({ children }) => {
    const groups = new Map<string, Span[]>()
    for (const child of children) {
      const span = callOf(child)
      if (span === undefined || !isDated(span)) continue
      const question = questionOf(span)
      if (question === undefined) continue
      groups.set(question, [...(groups.get(question) ?? []), span])
    }
    return [...groups.values()]
      .map(inTurn)
      .filter((calls) => calls.length >= least(calls))
      .map((calls) => {
        const [first, ...others] = calls as [Span, ...Span[]]
        const took = calls.reduce((sum, { start, end }) => sum + (end - start), 0n)
        return makeFinding('n-plus-one', {
          span: first,
          candidates: others.slice(0, 9),
          severity: 'warning',
          certainty: 'likely',
          problem: `${nameOf(first)} comes ${calls.length} times, one after another: the same question to ${shown(databaseOf(first))}, where one would do.`,
          evidence: {
            calls: String(calls.length),
            'all of them took': duration(took),
            statement: shown(statementOf(first) ?? first.name),
          },
          cause:
            'A loop asks for each item of a list (the N of N+1, after one query for the list).',
          mend: 'Ask once: a join, WHERE id IN (...), $in, MGET, a pipeline, or a data loader that collects the questions.',
        })
      })
  })

/** Repositories and resolvers put an INTERNAL span around each call: so many are looked through. */
const wrappers = 3

function callOf(node: TraceNode): Span | undefined {
  let inner = node
  for (let depth = 0; depth < wrappers && inner.span?.kind === 'internal'; depth++) {
    const [only, ...others] = inner.children
    if (only?.span === undefined || others.length > 0 || databaseOf(inner.span) !== undefined) break
    inner = only
  }
  return inner.span
}

/** Commands that wait for what comes: workers ask again and again because that is their work. */
const waiting = /^\s*(b[lr]pop|brpoplpush|blmove|blmpop|bzm?pop|xread|getmore|subscribe|wait)/i

/** It asks for many at once already: page by page, chunk by chunk, or one job after the other. */
function isBatch(span: Span, statement = ''): boolean {
  const size = Number(text(span, 'db.operation.batch.size') ?? 1)
  const isPage = /\boffset\b|\border by\b.*\b(limit|fetch (next|first))\b(?!\s+1\b)/is.test(
    statement,
  )
  const isChunk = /\bvalues\s*\([^)]*\)\s*,\s*\(/i.test(statement)
  return size > 1 || isPage || isChunk || /\bskip locked\b/i.test(statement)
}

function least([first]: Span[]): number {
  return first && statementOf(first) ? enough.withStatement : enough.byName
}

/** What is asked, without the values; undefined for what is no call of a database. */
function questionOf(span: Span): string | undefined {
  const database = databaseOf(span)
  if (span.kind !== 'client' || database === undefined) return undefined
  const target = text(span, 'db.collection.name', 'db.mongodb.collection', 'db.sql.table') ?? ''
  const statement = statementOf(span)
  const raw = text(span, 'db.query.text', 'db.statement')?.slice(0, 2_000)
  if (waiting.test(text(span, 'db.operation.name', 'db.operation') ?? raw ?? span.name))
    return undefined
  if (isBatch(span, raw)) return undefined
  // Where a transaction begins and ends is no question.
  if (
    /^\s*(begin|commit|rollback|start transaction|savepoint|ping|hello)\b/i.test(
      statement ?? span.name,
    )
  ) {
    return undefined
  }
  return [database, span.name, target, statement ?? ''].join('\n')
}

/** Literals become question marks: `WHERE id = 7` and `WHERE id = 8` ask the same. */
function statementOf(span: Span): string | undefined {
  return text(span, 'db.query.text', 'db.statement')
    ?.slice(0, 2_000)
    .replace(/'[^']*'|"[^"]*"|\b\d[\d.]*\b|\$\d+/g, '?')
    .replace(/\(\s*\?(\s*,\s*\?)*\s*\)/g, '(?)')
}

/** Those that waited for the one before: what was asked all at once was somebody's intention. */
function inTurn(calls: Span[]): Span[] {
  const sorted = calls.toSorted((a, b) => compare(a.start, b.start))
  const turns: Span[] = []
  for (const call of sorted) {
    const last = turns.at(-1)
    if (last === undefined || call.start >= last.end) turns.push(call)
  }
  return turns
}
