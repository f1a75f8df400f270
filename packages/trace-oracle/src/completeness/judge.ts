import type { Span } from '@pingtrace/otlp'
import type { FlushReport } from '../flush-report.ts'
import type { Verdict } from '../verdict.ts'
import { gapsIn, type Known } from './gaps.ts'

/** What is known at one moment: first everybody was asked to flush, then the collector for spans. */
export interface Round {
  /** Milliseconds, of any clock that does not go back. */
  time: number
  /** The traces that were asked about: an action may begin further ones as it goes on. */
  traceIds: readonly string[]
  /** What the collector has, without the test's own spans; undefined when it did not answer. */
  spans: readonly Span[] | undefined
  /** Of everybody who was asked; undefined from who did not tell. */
  reports: readonly { name: string; report: FlushReport | undefined }[]
  /** What is under way in the page, in words: its requests. */
  busy: readonly string[]
  /** Why there may be spans of which nobody in `reports` can tell. */
  untold: string | undefined
}

export interface JudgeOptions extends Known {
  /** How long the spans must stay the same: `exact` when all have told, `visible` otherwise. */
  quietMs: { exact: number; visible: number }
}

export type Judgement = Verdict | { kind: 'waiting'; missing: string[] }

/** What of a round the next one is compared with. */
interface Clean {
  spanIds: string
  since: number
  /** All spans that were ever started were here, and nothing ran. */
  isTold: boolean
}

/**
 * Judges one round after the other.
 *
 * That nothing is open in any process says little, as the processes are asked one after the other: A
 * may have called B after B was asked. But the sets of exported spans only grow. Where two rounds in a
 * row find nothing open and the same sets, nothing at all can have been running in between: work
 * that ran would be open, or have left another span. (Mattern's four counter method for the detection
 * of termination: spans started and settled are its counters; calls that are on their way are
 * those without a child.)
 */
export class Judge {
  readonly #options: JudgeOptions
  #clean: Clean | undefined

  constructor(options: JudgeOptions) {
    this.#options = options
  }

  next(round: Round): Judgement {
    const { spans, time } = round
    if (spans === undefined) return this.#wait(['the collector does not answer'])
    const stored = new Set(spans.map(({ spanId }) => spanId))
    const { late, dropped, exported } = this.#fates(round, stored)
    const { missing, unsure } = gapsIn(spans, this.#options)
    const unsettled = [...round.busy, ...late]
    if (dropped.length > 0 && unsettled.length === 0) {
      return { kind: 'incomplete', missing: dropped }
    }
    if (spans.length === 0) unsettled.push('no span has arrived')
    if (unsettled.length + missing.length > 0) return this.#wait([...unsettled, ...missing])

    const untold = whoDidNotTell(round) ?? strangersIn(spans, exported) ?? unsure[0]
    const before = this.#clean
    const spanIds = [...round.traceIds, ...[...stored].sort()].join()
    const isSame = before?.spanIds === spanIds
    const since = isSame ? before.since : time
    this.#clean = { spanIds, since, isTold: untold === undefined }
    const { exact, visible } = this.#options.quietMs
    const quiet = isSame ? time - since : -1
    if (untold !== undefined) {
      return quiet >= visible ? { kind: 'visible', because: untold } : quietYet
    }
    return before?.isTold && quiet >= exact ? { kind: 'exact' } : quietYet
  }

  #wait(missing: string[]): Judgement {
    this.#clean = undefined
    return { kind: 'waiting', missing }
  }

  #fates({ reports, traceIds }: Round, stored: ReadonlySet<string>) {
    const late: string[] = []
    const dropped: string[] = []
    const exported = new Set<string>()
    for (const { name, report } of reports) {
      for (const traceId of traceIds) {
        const fates = report?.traces[traceId]
        if (fates === undefined) continue
        const under = fates.exported.filter((id) => !stored.has(id)).length
        if (fates.open > 0) late.push(`${plural(fates.open)} of ${name} not over yet`)
        if (under > 0) late.push(`${plural(under)} that ${name} has exported`)
        if (fates.dropped > 0) dropped.push(`${plural(fates.dropped)} that ${name} has dropped`)
        for (const id of fates.exported) exported.add(id)
      }
    }
    return { late, dropped, exported }
  }
}

const quietYet: Judgement = { kind: 'waiting', missing: ['spans came until just now'] }

function whoDidNotTell({ reports, untold }: Round): string | undefined {
  if (untold !== undefined) return untold
  if (reports.length === 0) return 'nobody tells what was exported and dropped'
  const silent = reports.find(({ report }) => report === undefined)
  return silent && `${silent.name} does not tell what it has exported and dropped`
}

/** A service that takes part without having been listed may have more to send. */
function strangersIn(spans: readonly Span[], exported: ReadonlySet<string>): string | undefined {
  const stranger = spans.find(({ spanId }) => !exported.has(spanId))
  return stranger && `${stranger.service} does not tell what it has exported and dropped`
}

function plural(count: number): string {
  return `${count} span${count === 1 ? '' : 's'}`
}
