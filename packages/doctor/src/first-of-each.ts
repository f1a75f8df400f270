export interface Group<T> {
  first: T
  /** Up to nine of the rest: enough to look at. */
  others: T[]
  all: T[]
  count: number
}

/**
 * Groups what says the same, in order of first appearance: a finding for each of a thousand spans
 * with the same fault would hide all others.
 */
export function firstOfEach<T>(items: Iterable<T>, keyOf: (item: T) => string): Group<T>[] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return [...groups.values()].map((all) => ({
    first: all[0]!,
    others: all.slice(1, 10),
    all,
    count: all.length,
  }))
}
