import { setTimeout } from 'node:timers/promises'
import type { Verdict } from '../verdict.ts'
import { Judge, type JudgeOptions, type Round } from './judge.ts'

/** Between two looks that found something missing. */
const pauseMs = 10

export interface Clock {
  /** Milliseconds; it does not go back. */
  now(): number
  wait(ms: number): Promise<unknown>
}

export const clock: Clock = { now: () => performance.now(), wait: (ms) => setTimeout(ms) }

export type Told = Pick<Round, 'traceIds' | 'reports' | 'busy' | 'untold'>

export interface Witnesses {
  /** Asks everybody to flush; it takes as long as they take. */
  ask(): Promise<Told>
  /** What the collector has. */
  read(): Promise<Round['spans']>
}

/**
 * Looks until the trace is complete, is known to stay incomplete, or the time is up.
 *
 * Everybody is asked twice in a row, and the collector is read while the second answers come: what
 * was told the first time is there by then, and what is told beyond that is not yet believed.
 */
export async function settle(
  { ask, read }: Witnesses,
  options: JudgeOptions,
  timeoutMs: number,
  { now, wait }: Clock = clock,
): Promise<Verdict> {
  const began = now()
  const judge = new Judge(options)
  for (;;) {
    const first = await ask()
    const [second, spans] = await Promise.all([ask(), read()])
    const time = now()
    judge.next({ ...first, spans, time })
    const judgement = judge.next({ ...second, spans, time })
    if (judgement.kind !== 'waiting') return judgement
    const left = timeoutMs - (now() - began)
    if (left <= 0) return { kind: 'incomplete', missing: judgement.missing }
    await wait(Math.min(left, pauseMs))
  }
}
