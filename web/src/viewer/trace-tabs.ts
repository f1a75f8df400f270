/** The ways to look at a trace, in the order of their tabs; they are named so in the address. */
export const traceTabs = [
  { id: 'waterfall', label: 'Waterfall' },
  { id: 'flame', label: 'Flame graph' },
  { id: 'statistics', label: 'Statistics' },
  { id: 'graph', label: 'Graph' },
  { id: 'compare', label: 'Compare' },
] as const

export type TraceTab = (typeof traceTabs)[number]['id']

export function isTraceTab(text: string | null): text is TraceTab {
  return traceTabs.some(({ id }) => id === text)
}

/**
 * The tab that the focus goes to from one (WAI-ARIA Authoring Practices, "Tabs"): the focus alone,
 * because what a tab shows may have to be loaded, or asked for.
 * @returns undefined for a key that means nothing here
 */
export function focusedTab(tab: TraceTab, key: string): TraceTab | undefined {
  const index = traceTabs.findIndex(({ id }) => id === tab)
  const last = traceTabs.length - 1
  const targets = new Map([
    ['ArrowRight', index === last ? 0 : index + 1],
    ['ArrowLeft', index === 0 ? last : index - 1],
    ['Home', 0],
    ['End', last],
  ])
  const to = targets.get(key)
  return to === undefined ? undefined : traceTabs[to]?.id
}
