import {
  type OperationStats,
  type OperationStep,
  type OperationTotals,
  spanKinds,
  type TimeSteps,
} from '@pingtrace/otlp'
import { ByNumber } from './by-number.ts'
import { DurationSketch } from './duration-sketch.ts'
import { DurationTally } from './duration-stats.ts'
import type { SegmentIndex } from './segment-index.ts'
import { TimeScale } from './time-scale.ts'

/**
 * Some people write ids into names: each name is an operation then. A group takes 5 KB or so; what came
 * last is in one, and all the others are in one together.
 */
const maxOperations = 500

/** Spans by what they did: service, name and kind. Nothing is read of them but their index. */
export class OperationGroups {
  readonly #groups = new Map<string, Named>()
  readonly #others = new Group()
  /** By the numbers of a segment's index, which makes no text of a span's. */
  readonly #byNumber = new ByNumber((index, number) => this.#find(index, number))
  readonly #scale = new TimeScale()
  #spanCount = 0

  get spanCount(): number {
    return this.#spanCount
  }

  add(index: SegmentIndex, row: number): void {
    this.#spanCount++
    const { spans } = index
    const [service, name, kind] = [spans.service.get(row), spans.name.get(row), spans.kind(row)]
    const group = this.#byNumber.of(index, (service * names + name) * kinds + kind)
    const started = startMillis(index, row)
    // A time that was left out (0) says nothing.
    const step = started === 0 ? undefined : this.#scale.add(started)
    group.add(spans.duration(row), spans.isError(row), step, this.#scale.exponent)
  }

  /**
   * @param start, end that were asked for, in milliseconds since the Unix epoch
   * @returns the operation with the most spans in front, and what those without a group come to
   */
  finish(
    start: number | undefined,
    end: number | undefined,
  ): { operations: OperationStats[]; others: OperationTotals; time: TimeSteps } {
    const time = this.#scale.cover(start, end)
    const { exponent } = this.#scale
    const operations = [...this.#groups.values()]
      .map(({ group, ...what }) => ({ ...what, ...group.finish(time, exponent) }))
      .sort((a, b) => b.count - a.count)
    return { operations, others: this.#others.finish(time, exponent), time }
  }

  #find({ strings }: SegmentIndex, number: number): Group {
    const [of, kind] = [Math.floor(number / kinds), number % kinds]
    const what = {
      service: strings.text(Math.floor(of / names)),
      name: strings.text(of % names),
      kind: spanKinds[kind] ?? 'unspecified',
    }
    const key = JSON.stringify(what)
    const known = this.#groups.get(key)
    if (known !== undefined) return known.group
    if (this.#groups.size === maxOperations) return this.#others
    const group = new Group()
    this.#groups.set(key, { ...what, group })
    return group
  }
}

/** There are fewer of each in a segment. */
const names = 2 ** 24
const kinds = 8

type Named = Pick<OperationStats, 'service' | 'name' | 'kind'> & { group: Group }

/** Milliseconds since the Unix epoch, with fractions. */
export function startMillis({ spans }: SegmentIndex, row: number): number {
  return (spans.startHigh.get(row) * 2 ** 32 + spans.startLow.get(row)) / 1e6
}

class Step {
  readonly durations = new DurationSketch(0.05)
  errors = 0

  merge(other: Step): void {
    this.durations.merge(other.durations)
    this.errors += other.errors
  }
}

class Group {
  readonly #tally = new DurationTally()
  #steps = new Map<number, Step>()
  #exponent = 0

  add(nanos: number, isError: boolean, step: number | undefined, exponent: number): void {
    this.#tally.add(nanos, isError)
    if (step === undefined) return
    this.#widenTo(exponent)
    const at = this.#stepAt(step)
    at.durations.add(nanos)
    if (isError) at.errors++
  }

  finish({ from, to, stepMs }: TimeSteps, exponent: number): OperationTotals {
    this.#widenTo(exponent)
    const steps: OperationStep[] = [...this.#steps]
      .map(([step, { durations, errors }]) => ({
        at: step * stepMs,
        count: durations.count,
        errorCount: errors,
        p95Nano: Math.round(durations.quantile(0.95)),
      }))
      .filter(({ at }) => at >= from && at < to)
      .sort((a, b) => a.at - b.at)
    return { ...this.#tally.stats(), steps }
  }

  /** Steps of half the length go into one, until they are as long as everybody's. */
  #widenTo(exponent: number): void {
    for (; this.#exponent < exponent; this.#exponent++) {
      const steps = this.#steps
      this.#steps = new Map()
      for (const [number, step] of steps) this.#stepAt(Math.floor(number / 2)).merge(step)
    }
  }

  #stepAt(number: number): Step {
    let step = this.#steps.get(number)
    if (step === undefined) {
      step = new Step()
      this.#steps.set(number, step)
    }
    return step
  }
}
