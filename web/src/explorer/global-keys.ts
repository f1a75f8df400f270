import { type View, views } from './views.ts'

/** What a key that is pressed anywhere on the page asks for. */
export type GlobalAction = { do: 'help' | 'query' | 'pause' } | { do: 'view'; view: View }

/**
 * Keys of one character, which whoever dictates must be able to switch off (WCAG 2.2, 2.1.4): see
 * KeySheet.
 * @param isTyping the focus is where characters are text
 * @returns undefined for a key that means nothing here
 */
export function globalKey(
  press: { key: string; ctrlKey: boolean; altKey: boolean; metaKey: boolean },
  isTyping: boolean,
): GlobalAction | undefined {
  if (isTyping || press.ctrlKey || press.altKey || press.metaKey) return undefined
  if (press.key === '?') return { do: 'help' }
  if (press.key === '/') return { do: 'query' }
  if (press.key === 'h') return { do: 'pause' }
  const view = views.find(({ key }) => key === press.key)?.id
  return view && { do: 'view', view }
}

/** Whether what is typed into it becomes its text or its choice. */
export function takesText(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select') !== null
}
