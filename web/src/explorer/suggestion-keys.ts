/** What a key press in the query box asks for. */
export type SuggestionAction =
  | { do: 'open' | 'close' | 'take' | 'ask' }
  | { do: 'move'; to: number }

export interface SuggestionList {
  isShown: boolean
  /** Which one is chosen; -1 for none, which is so until somebody goes to one. */
  active: number
  count: number
}

/**
 * The keys of an editable combobox (WAI-ARIA Authoring Practices, "Combobox").
 * @returns undefined for a key that is the box's own
 */
export function suggestionKey(
  press: { key: string; ctrlKey: boolean; altKey: boolean; metaKey: boolean; shiftKey: boolean },
  { isShown, active, count }: SuggestionList,
): SuggestionAction | undefined {
  if (press.ctrlKey && press.key === ' ') return { do: 'open' }
  if (press.ctrlKey || press.altKey || press.metaKey) return undefined
  switch (press.key) {
    case 'ArrowDown':
      if (!isShown) return { do: 'open' }
      // Past the last one, and before the first, is the box itself.
      return { do: 'move', to: active + 1 < count ? active + 1 : -1 }
    case 'ArrowUp':
      if (!isShown) return undefined
      return { do: 'move', to: active < 0 ? count - 1 : active - 1 }
    case 'Tab':
      return isShown && active >= 0 && !press.shiftKey ? { do: 'take' } : undefined
    case 'Enter':
      return { do: isShown && active >= 0 ? 'take' : 'ask' }
    case 'Escape':
      return isShown ? { do: 'close' } : undefined
    default:
      return undefined
  }
}
