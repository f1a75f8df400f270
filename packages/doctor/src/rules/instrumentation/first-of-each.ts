/**
 * Groups what says the same, in order of first appearance: a finding for each of a thousand spans
 * with the same fault would hide all others.
 */
export function firstOfEach<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
): { first: T; others: T[]; count: number }[] {
  const groups = new Map<string, { first: T; others: T[]; count: number }>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { first: item, others: [], count: 1 })
    else {
      group.count += 1
      // Enough to look at; the count tells the rest.
      if (group.others.length < 9) group.others.push(item)
    }
  }
  return [...groups.values()]
}
