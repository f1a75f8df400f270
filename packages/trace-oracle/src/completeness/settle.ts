import { setTimeout } from 'node:timers/promises'
import type { Verdict } from '../verdict.ts'
import { Judge, type JudgeOptions, type Round } from './judge.ts'

/** Between two rounds that wait for something; those that only confirm follow at once. */
const pauseMs = 10

export interface Clock {
  /** Milliseconds; it does not go back. */
  now(): number
  wait(ms: number): Promise<unknown>
}

export const clock: Clock = { now: () => performance.now(), wait: (ms) => setTimeout(ms) }

/**
 * Looks until the trace is complete, is known to stay incomplete, or the time is up.
 * @param look what is known now; it takes as long as everybody takes to flush
 */
export async function settle(
  look: () => Promise<Round>,
  options: JudgeOptions,
  timeoutMs: number,
  { now, wait }: Clock = clock,
): Promise<Verdict> {
  const began = now()
  const judge = new Judge(options)
  for (;;) {
    const judgement = judge.next(await look())
    if (judgement.kind !== 'waiting') return judgement
    const left = timeoutMs - (now() - began)
    if (left <= 0) return { kind: 'incomplete', missing: judgement.missing }
    await wait(Math.min(left, judgement.isConfirming ? 0 : pauseMs))
  }
}
