import { type AnyNode, parse } from '@humanwhocodes/momoa'
import { type Path, ShapeError } from './cursor.ts'
import { TraceFileError } from './trace-file-error.ts'

/**
 * The refusal of a document that JSON.parse, or one of the readers, did not take, with its line. A
 * second parser is asked only now: it knows places, and takes many times as long.
 * @param firstLine the document's, from 1, in its file
 */
export function refusal(text: string, problem: unknown, firstLine: number): TraceFileError {
  if (problem instanceof ShapeError) {
    return new TraceFileError(problem.message, firstLine - 1 + lineOf(text, problem.path))
  }
  try {
    parse(text, { mode: 'json' })
  } catch (error) {
    const { line, message } = error as { line?: unknown; message?: unknown }
    if (typeof line === 'number') {
      const reason = `${message}`.replace(/ \(\d+:\d+\)$/, '').replace(/\.$/, '')
      return new TraceFileError(`not JSON: ${cut(reason)}`, firstLine - 1 + line)
    }
    return new TraceFileError('nested too deeply', firstLine)
  }
  return new TraceFileError('not JSON', firstLine)
}

/** The line of what a path leads to, from 1, or of what comes nearest to it. */
function lineOf(text: string, path: Path): number {
  let node: AnyNode
  try {
    node = parse(text, { mode: 'json' }).body
  } catch {
    // It is JSON, but nested more deeply than this parser goes.
    return 1
  }
  for (const step of path) {
    const next: AnyNode | undefined =
      node.type === 'Object'
        ? node.members.findLast(({ name }) => name.type === 'String' && name.value === step)?.value
        : node.type === 'Array'
          ? node.elements[Number(step)]?.value
          : undefined
    if (next === undefined) break
    node = next
  }
  return node.loc.start.line
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
