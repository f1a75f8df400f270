/**
 * Where a key press in the list of traces goes: the rows are one stop of the Tab key.
 * @param ids of the rows, from the top
 * @returns undefined for a key that is the browser's
 */
export function rowKey(
  press: { key: string; ctrlKey: boolean; altKey: boolean; metaKey: boolean },
  ids: readonly string[],
  focused: string | undefined,
): string | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey || focused === undefined) return undefined
  const index = ids.indexOf(focused)
  switch (press.key) {
    case 'ArrowDown':
      return ids[index + 1] ?? focused
    case 'ArrowUp':
      return ids[index - 1] ?? focused
    case 'Home':
      return ids[0]
    case 'End':
      return ids.at(-1)
    default:
      return undefined
  }
}

/** The same among dots, which stand from the left to the right; up and down go the same way. */
export function dotKey(
  press: Parameters<typeof rowKey>[0],
  ids: readonly string[],
  focused: string | undefined,
): string | undefined {
  const key = press.key.replace('Right', 'Down').replace('Left', 'Up')
  const { ctrlKey, altKey, metaKey } = press
  return rowKey({ key, ctrlKey, altKey, metaKey }, ids, focused)
}
