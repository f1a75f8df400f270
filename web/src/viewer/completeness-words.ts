import type { Completeness } from '@pingtrace/trace-facts'
import { count } from './format.ts'

/** Where the spans come from: a collector that is there, one that is away, or a file. */
export type TraceSource = 'live' | 'away' | 'file'

/** Whether all of the trace is there, in a sentence. */
export function completenessText(completeness: Completeness, source: TraceSource): string {
  const { state, missingParents, missingServers, unseenServers } = completeness
  const things = [
    missingParents > 0 ? count(missingParents, 'parent') : '',
    missingServers > 0 ? count(missingServers, 'server span') : '',
  ].filter((text) => text !== '')
  const what = things.join(' and ')
  if (source === 'away') return `As far as it had arrived${what && `: ${what} had not`}.`
  if (state === 'waiting') return `Waiting for ${what}…`
  if (state === 'incomplete') {
    const are = missingParents + missingServers === 1 ? 'is' : 'are'
    const since = source === 'file' ? '' : ', and nothing has come for 10 s'
    return `Incomplete: ${what} ${are} missing${since}.`
  }
  const unseen =
    unseenServers > 0 ? ` ${count(unseenServers, 'call')} went where no spans came from.` : ''
  const there =
    source === 'file'
      ? 'every parent is in the file'
      : 'every parent has arrived; later spans appear by themselves'
  return `Complete as far as can be seen: ${there}.${unseen}`
}
