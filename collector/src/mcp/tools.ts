import type { McpServer } from '@modelcontextprotocol/server'
import { readSpans, type Span, type TraceSummary } from '@pingtrace/otlp'
import { buildTraceTree } from '@pingtrace/trace-tree'
import { compareTraces } from '@pingtrace/trace-views'
import { compileQuery, QueryError } from '@pingtrace/traceql'
import { z } from 'zod'
import { findingsOf, readWholeTrace, TraceTooLargeError } from '../query/findings.ts'
import type { RequestSource } from '../query/requests.ts'
import type { TraceStore } from '../store/trace-store.ts'
import { comparisonText } from './comparison-text.ts'
import { spanText } from './span-text.ts'
import { errorsText } from './trace-errors.ts'
import { milliseconds, quoted, traceText } from './trace-text.ts'

export interface ToolLimits {
  /** Bytes of one trace, as it is stored. */
  traceBytes: number
}

/** What an agent did wrong, in words that tell it how to go on. */
class ToolError extends Error {
  override name = 'ToolError'
}

const traceId = z
  .string()
  .regex(/^[0-9a-f]{32}$/i, 'a trace id has 32 hex digits')
  .describe('32 hex digits, as find_traces names them')
const readOnly = { readOnlyHint: true, openWorldHint: false }

/**
 * What coding agents ask the collector. All of it reads; answers are text, short, and quote whatever
 * a sender wrote.
 */
export function addTools(
  server: McpServer,
  store: TraceStore,
  limits: ToolLimits,
  received?: RequestSource,
): void {
  server.registerTool(
    'list_services',
    { description: 'Names the services whose spans are stored.', annotations: readOnly },
    () => answer(() => store.services().map(quoted).join('\n') || 'No span is stored yet.'),
  )

  server.registerTool(
    'find_traces',
    {
      description:
        'Finds traces, newest arrival first, by a query in a subset of TraceQL, for example ' +
        '{ resource.service.name = "api" && status = error }, { duration > 200ms } or ' +
        '{ name = "/ping" } >> { span.db.system.name = "redis" }. {} finds every trace.',
      inputSchema: z.object({
        query: z.string().max(10_000).default('{}').describe('TraceQL'),
        minutes: z.number().positive().optional().describe('only those of the last minutes'),
        limit: z.number().int().min(1).max(100).default(20),
      }),
      annotations: readOnly,
    },
    ({ query, minutes, limit }, { mcpReq: { signal } }) =>
      answer(async () => {
        const ago = minutes === undefined ? undefined : BigInt(Math.round(minutes * 6e10))
        const start = ago === undefined ? undefined : BigInt(Date.now()) * 1_000_000n - ago
        const search = { matcher: compileQuery(query), start, end: undefined, limit }
        const result = await store.searchTraces(search, () => signal.aborted)
        const lines = result.traces.map(summaryText)
        if (lines.length === 0) lines.push('No trace fits.')
        if (result.partial)
          lines.push(`There may be more: the search ended by its ${result.partial}.`)
        return lines.join('\n')
      }),
  )

  server.registerTool(
    'read_trace',
    {
      description:
        'Shows a trace as a tree of its spans: offsets, durations, services, errors, ids.',
      inputSchema: z.object({
        traceId,
        maxSpans: z.number().int().min(1).max(5_000).default(200),
      }),
      annotations: readOnly,
    },
    (asked) => answer(() => traceText(asked.traceId, treeOf(asked.traceId), asked.maxSpans)),
  )

  server.registerTool(
    'read_span',
    {
      description: 'Shows all that one span says: attributes, events, links, resource and scope.',
      inputSchema: z.object({
        traceId,
        spanId: z.string().regex(/^[0-9a-f]{16}$/i, 'a span id has 16 hex digits'),
      }),
      annotations: readOnly,
    },
    (asked) =>
      answer(() => {
        const wanted = asked.spanId.toLowerCase()
        const found = spansOf(asked.traceId).filter(({ spanId }) => spanId === wanted)
        if (found.length === 0) throw new ToolError('the trace has no span with this id')
        return found.map(spanText).join('\n\n')
      }),
  )

  server.registerTool(
    'trace_errors',
    {
      description:
        'Lists the spans of a trace that failed, deepest first, with the way to each from the root, ' +
        'status message, error.type and exceptions.',
      inputSchema: z.object({ traceId }),
      annotations: readOnly,
    },
    (asked) => answer(() => errorsText(treeOf(asked.traceId))),
  )

  server.registerTool(
    'diagnose_trace',
    {
      description:
        'Says what is wrong with a trace as such: broken propagation, clocks, instrumentation. ' +
        'Each finding has its evidence, likely cause and mend.',
      inputSchema: z.object({ traceId }),
      annotations: readOnly,
    },
    (asked) =>
      answer(async () => {
        const id = asked.traceId.toLowerCase()
        const findings = await findingsOf(store, id, limits.traceBytes, received)
        if (findings === undefined) throw unknownTrace()
        if (findings.length === 0) return 'Nothing is wrong with this trace.'
        return findings.map((finding) => JSON.stringify(finding)).join('\n')
      }),
  )

  server.registerTool(
    'compare_traces',
    {
      description:
        'Compares two traces by their structure: which spans were added or removed, became slower ' +
        'or faster, fail now or fail no more.',
      inputSchema: z.object({
        before: traceId,
        after: traceId,
        maxLines: z.number().int().min(1).max(1_000).default(100),
      }),
      annotations: readOnly,
    },
    (asked) =>
      answer(() => {
        const comparison = compareTraces(treeOf(asked.before), treeOf(asked.after))
        return comparisonText(comparison, asked.maxLines)
      }),
  )

  function spansOf(id: string): Span[] {
    const spans = readSpans(readWholeTrace(store, id, limits.traceBytes))
    if (spans.length === 0) throw unknownTrace()
    return spans
  }

  function treeOf(id: string) {
    return buildTraceTree(spansOf(id))
  }
}

function unknownTrace(): ToolError {
  return new ToolError('no span of this trace is stored')
}

const askersFaults = [ToolError, QueryError, TraceTooLargeError]

/** Errors of the asker become an answer that it can read; others are the protocol's to tell. */
async function answer(say: () => string | Promise<string>) {
  try {
    return { content: [{ type: 'text' as const, text: await say() }] }
  } catch (error) {
    if (!askersFaults.some((fault) => error instanceof fault)) throw error
    const place =
      error instanceof QueryError ? ` (at line ${error.line}, column ${error.column})` : ''
    const text = `${(error as Error).message}${place}`
    return { content: [{ type: 'text' as const, text }], isError: true }
  }
}

function summaryText(trace: TraceSummary): string {
  const { spanCount, errorCount, durationNano, arrivedAt } = trace
  return [
    trace.traceId,
    `${quoted(trace.name)} of ${quoted(trace.service)}`,
    `${spanCount} spans, ${errorCount} errors, ${milliseconds(BigInt(durationNano))}`,
    `services ${trace.services.map(quoted).join(', ')}`,
    `arrived ${new Date(arrivedAt).toISOString()}`,
  ].join(' · ')
}
