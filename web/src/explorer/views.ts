import type { Source } from '../source/source.ts'

/** The ways to look at what is stored, and at what came, in the order of the tabs. */
export const views = [
  { id: 'list', label: 'Traces', key: '1' },
  { id: 'operations', label: 'Operations', key: '2' },
  { id: 'map', label: 'Service map', key: '3' },
  { id: 'requests', label: 'Requests', key: '4' },
] as const

export type View = (typeof views)[number]['id']

/** Those that a source can be asked for: what else there is needs what the collector stores. */
export function viewsOf(source: Source): readonly (typeof views)[number][] {
  return source === 'collector' ? views : views.filter(({ id }) => id === 'list')
}

/** An address is anybody's: whatever is no view is the list. */
export function parseView(text: string | null): View {
  return views.find(({ id }) => id === text)?.id ?? 'list'
}
