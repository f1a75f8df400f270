import { type OperationStats, type OperationStep, spanKinds, type TimeSteps } from '@pingtrace/otlp'
import { DurationSketch } from './duration-sketch.ts'
import { DurationTally } from './duration-stats.ts'
import type { SegmentIndex } from './segment-index.ts'
import { TimeScale } from './time-scale.ts'

/**
 * Some people write ids into names: each name is an operation then. A group takes 5 KB or so, and
 * what came last is in one.
 */
const maxOperations = 500

/** Spans by what they did: service, name and kind. Nothing is read of them but their index. */
export class OperationGroups {
  readonly #groups = new Map<string, Group>()
  /** The same by the numbers of a segment's index, which makes no text of a span's. */
  readonly #ofIndex = new Map<SegmentIndex, Map<number, Group | undefined>>()
  readonly #scale = new TimeScale()
  #spanCount = 0
  #ungrouped = 0

  get spanCount(): number {
    return this.#spanCount
  }

  get ungroupedSpans(): number {
    return this.#ungrouped
  }

  add(index: SegmentIndex, row: number): void {
    this.#spanCount++
    const group = this.#groupOf(index, row)
    if (group === undefined) {
      this.#ungrouped++
      return
    }
    const { spans } = index
    const started = startMillis(index, row)
    // A time that was left out (0) says nothing.
    const step = started === 0 ? undefined : this.#scale.add(started)
    group.add(spans.duration(row), spans.isError(row), step, this.#scale.exponent)
  }

  /**
   * @param start, end that were asked for, in milliseconds since the Unix epoch
   * @returns the operation with the most spans in front
   */
  finish(
    start: number | undefined,
    end: number | undefined,
  ): { operations: OperationStats[]; time: TimeSteps } {
    const time = this.#scale.cover(start, end)
    const operations = [...this.#groups.values()]
      .map((group) => group.finish(time, this.#scale.exponent))
      .sort((a, b) => b.count - a.count)
    return { operations, time }
  }

  #groupOf(index: SegmentIndex, row: number): Group | undefined {
    let known = this.#ofIndex.get(index)
    if (known === undefined) {
      known = new Map()
      this.#ofIndex.set(index, known)
    }
    const { spans } = index
    const [service, name, kind] = [spans.service.get(row), spans.name.get(row), spans.kind(row)]
    const key = (service * 2 ** 24 + name) * 8 + kind
    if (!known.has(key)) known.set(key, this.#find(index, service, name, kind))
    return known.get(key)
  }

  #find({ strings }: SegmentIndex, service: number, name: number, kind: number) {
    const what = {
      service: strings.text(service),
      name: strings.text(name),
      kind: spanKinds[kind] ?? 'unspecified',
    }
    const key = JSON.stringify(what)
    const group = this.#groups.get(key)
    if (group !== undefined || this.#groups.size === maxOperations) return group
    const added = new Group(what)
    this.#groups.set(key, added)
    return added
  }
}

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
  readonly #what: Pick<OperationStats, 'service' | 'name' | 'kind'>
  readonly #tally = new DurationTally()
  #steps = new Map<number, Step>()
  #exponent = 0

  constructor(what: Pick<OperationStats, 'service' | 'name' | 'kind'>) {
    this.#what = what
  }

  add(nanos: number, isError: boolean, step: number | undefined, exponent: number): void {
    this.#tally.add(nanos, isError)
    if (step === undefined) return
    this.#widenTo(exponent)
    const at = this.#stepAt(step)
    at.durations.add(nanos)
    if (isError) at.errors++
  }

  finish({ from, to, stepMs }: TimeSteps, exponent: number): OperationStats {
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
    return { ...this.#what, ...this.#tally.stats(), steps }
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
